/** The calls of docs/reference/http-api.md, and nothing else. */
import type { Event, NewSession, SessionState, StudyInfo } from "./contract";
import type { Words } from "./languages/speak";

/** The server answered, and said no. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly call: string,
  ) {
    super(`${call} answered ${status}`);
  }

  /** Whether the same call may succeed later. */
  get passing(): boolean {
    return this.status >= 500 || this.status === 408 || this.status === 429;
  }
}

export class Http {
  constructor(private readonly token: string) {}

  static async study(): Promise<StudyInfo> {
    return (await send("/api/study")).json();
  }

  static async words(language: string): Promise<Words> {
    return (await send(`/api/words/${language}`)).json();
  }

  async open(language: string, externalId: string | null): Promise<SessionState> {
    const body: NewSession = { token: this.token, language, external_id: externalId };
    return (await send("/api/sessions", { method: "POST", body: JSON.stringify(body) })).json();
  }

  async state(): Promise<SessionState> {
    return (await this.call("/api/session")).json();
  }

  async store(events: Event[]): Promise<SessionState> {
    return (await this.call("/api/events", { method: "POST", body: JSON.stringify({ events }) })).json();
  }

  async withdraw(): Promise<void> {
    await this.call("/api/withdraw", { method: "POST" });
  }

  async media(url: string): Promise<Blob> {
    return (await this.call(new URL(url, `${location.origin}/`).pathname, {}, MEDIA_TIMEOUT)).blob();
  }

  private call(path: string, init: RequestInit = {}, timeout = TIMEOUT): Promise<Response> {
    return send(path, { ...init, headers: { Authorization: `Bearer ${this.token}` } }, timeout);
  }
}

/** Calls that carry no token: the study's, and the preview's, which a cookie opens. */
export function get(path: string): Promise<Response> {
  return send(path);
}

export function post(path: string, body: unknown): Promise<Response> {
  return send(path, { method: "POST", body: JSON.stringify(body) });
}

const TIMEOUT = 20_000;
const MEDIA_TIMEOUT = 120_000; // a picture of 200 kB over the slowest line of a telephone

async function send(path: string, init: RequestInit = {}, timeout = TIMEOUT): Promise<Response> {
  const headers = new Headers(init.headers);
  if (init.body) headers.set("Content-Type", "application/json");
  const response = await fetch(path, { ...init, headers, cache: "no-store", signal: AbortSignal.timeout(timeout) });
  if (!response.ok) throw new HttpError(response.status, path);
  return response;
}
