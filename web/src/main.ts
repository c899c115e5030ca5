import "./styles/base.css";
import "./styles/pages.css";
import "./styles/decision.css";
import type { SessionState, StudyInfo } from "./contract";
import { learn, pickLanguage, strings } from "./languages";
import { Http, HttpError } from "./http";
import { openKeeping } from "./keeping";
import { openStore } from "./outbox_store";
import { untilAnswered } from "./retry";
import { Session } from "./session";
import { Shell } from "./shell";
import { closedPage, elsewherePage, errorPage, welcome, withdrawnPage } from "./start";
import { takeOver } from "./tabs";
import { runTimeline } from "./timeline";
import { TokenKeeper } from "./token";
import { watchWindow } from "./window_size";

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
  const lost = (): void => shell.showTrouble("connection");
  const study = await untilAnswered(() => Http.study(), lost);
  await learn(study.languages, (language) => untilAnswered(() => Http.words(language), lost));
  shell.showTrouble("none");
  watchWindow(shell);
  const condition = query.get("preview");
  if (condition !== null) {
    const { startPreview } = await import("./preview");
    return startPreview(study, condition, query, shell, fail);
  }
  const state = await openOrResume(study);
  if (state === null) {
    shell.ready();
    return closedPage(shell.stage, words());
  }
  takeOver((session as Session).link, covered);
  await runTimeline(session as Session, shell, state, fail);
}

/** The state of the session kept on this device, or of a new one; null when the study is closed. */
async function openOrResume(study: StudyInfo): Promise<SessionState | null> {
  const externalId = query.get("id");
  const keeping = openKeeping();
  const own = new TokenKeeper(study.study, externalId, keeping);
  keeper = own;
  const store = await openStore((error) => {
    console.warn("What is not sent yet lives in this page only.", error);
    shell.caution("cautionStorage");
  });
  if (!keeping.lasting) shell.caution("cautionStorage");
  const connect = (token: string): Session => new Session(token, store, (trouble) => shell.showTrouble(trouble));

  for (const token of own.known()) {
    session = connect(token);
    const state = await session.resume();
    if (state === null) continue;
    own.keep(token);
    return state;
  }
  document.documentElement.lang = pickLanguage(wishes, study.languages);
  if (!study.open) return null;
  shell.ready();
  const language = await welcome(shell.stage, study, document.documentElement.lang);
  shell.stage.replaceChildren();
  shell.wait(words().loading);
  session = connect(own.make());
  try {
    return await session.open(language, externalId);
  } catch (error) {
    if (error instanceof HttpError && error.status === 403) return null;
    throw error;
  }
}

/** Another tab has the session now: nothing here answers any more. */
function covered(): void {
  shell.close();
  elsewherePage(shell.stage, words());
}

function words(): ReturnType<typeof strings> {
  return strings(document.documentElement.lang);
}

function fail(error: unknown): void {
  console.error(error);
  shell.ready();
  errorPage(shell.stage, words());
}
