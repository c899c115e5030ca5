/** The token that opens the operator's session: made here, kept in this browser, or brought by a link of one's own. */
import type { Keeping } from "./keeping";

const IN_LINK = /^#session=([A-Za-z0-9_-]{22,64})$/;

/** The address that opens a session from anywhere. The token is its fragment, which no browser sends to a server. */
export function linkOf(token: string, { origin, pathname, search }: Pick<Location, "origin" | "pathname" | "search">): string {
  return `${origin}${pathname}${search}#session=${token}`;
}

/** Tokens of one study (and external id: a laboratory's computer serves many people). */
export class TokenKeeper {
  private readonly key: string;

  constructor(
    study: string,
    externalId: string | null,
    private readonly keeping: Keeping,
  ) {
    this.key = ["binome", study, externalId].filter((part) => part !== null).join(":");
  }

  /** Tokens that may open a session, the link's first. */
  known(): string[] {
    const found = [IN_LINK.exec(location.hash)?.[1], this.keeping.get(this.key)];
    return [...new Set(found.filter((token) => token != null))];
  }

  /** Keeps a token: in the browser or, where that forgets, in the page's address, so that a reload loses nothing. */
  keep(token: string): void {
    this.keeping.set(this.key, token);
    const bare = `${location.pathname}${location.search}`;
    history.replaceState(history.state, "", this.keeping.lasting ? bare : linkOf(token, { ...place(), origin: "" }));
  }

  /** 128 random bits, base64url; kept before it is used, so that a lost answer costs nothing. */
  make(): string {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const token = btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    this.keep(token);
    return token;
  }

  forget(): void {
    this.keeping.remove(this.key);
    history.replaceState(history.state, "", `${location.pathname}${location.search}`);
  }
}

function place(): { pathname: string; search: string } {
  return { pathname: location.pathname, search: location.search };
}
