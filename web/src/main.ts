import "./styles/base.css";
import "./styles/pages.css";
import "./styles/decision.css";
import type { SessionState, StudyInfo } from "./contract";
import { pickLanguage, strings } from "./languages";
import { Http, HttpError } from "./http";
import { openStore } from "./outbox_store";
import { untilAnswered } from "./retry";
import { Session, TokenKeeper } from "./session";
import { Shell } from "./shell";
import { closedPage, errorPage, welcome, withdrawnPage } from "./start";
import { runTimeline } from "./timeline";

const query = new URLSearchParams(location.search);
const wishes = [query.get("lang"), ...navigator.languages];

let session: Session | null = null;
let keeper: TokenKeeper | null = null;

const shell = new Shell(document.getElementById("app") as HTMLElement, words(), async () => {
  try {
    await session?.withdraw();
    keeper?.forget();
    shell.hideProgress();
    withdrawnPage(shell.stage, words());
  } catch (error) {
    fail(error);
  }
});

start().catch(fail);

async function start(): Promise<void> {
  document.documentElement.lang = pickLanguage(wishes, ["en", "fr"]);
  shell.wait(words().loading);
  const study = await untilAnswered(() => Http.study(), () => shell.showTrouble("connection"));
  shell.showTrouble("none");
  const state = await openOrResume(study);
  shell.ready();
  if (state === null) closedPage(shell.stage, words());
  else await runTimeline(session as Session, shell, state, fail);
}

/** The state of the session kept on this device, or of a new one; null when the study is closed. */
async function openOrResume(study: StudyInfo): Promise<SessionState | null> {
  const externalId = query.get("id");
  keeper = new TokenKeeper(study.study, externalId);
  const store = await openStore();
  const connect = (token: string): Session => new Session(token, store, (trouble) => shell.showTrouble(trouble));

  const kept = keeper.get();
  if (kept !== null) {
    session = connect(kept);
    const state = await session.resume();
    if (state !== null) return state;
  }
  document.documentElement.lang = pickLanguage(wishes, study.languages);
  if (!study.open) return null;
  shell.ready();
  const language = await welcome(shell.stage, study, document.documentElement.lang);
  shell.wait(words().loading);
  session = connect(keeper.make());
  try {
    return await session.open(language, externalId);
  } catch (error) {
    if (error instanceof HttpError && error.status === 403) return null;
    throw error;
  }
}

function words(): ReturnType<typeof strings> {
  return strings(document.documentElement.lang);
}

function fail(error: unknown): void {
  console.error(error);
  shell.ready();
  errorPage(shell.stage, words());
}
