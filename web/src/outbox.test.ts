import "fake-indexeddb/auto";
import { beforeEach, expect, test, vi } from "vitest";
import type { Event, SessionState } from "./contract";
import { HttpError } from "./http";
import { Outbox } from "./outbox";
import { CarefulStore, IndexedDbStore, MemoryStore } from "./outbox_store";

let store: IndexedDbStore;
let names = 0;
beforeEach(async () => {
  store = await IndexedDbStore.open(`test-${names++}`);
});

const event = (id: string): Event => ({ id, step: 0, type: "shown", time: "2026-01-01T00:00:00.000Z", data: {} });
const answer = (events: Event[], refused: Record<string, string> = {}): SessionState =>
  ({ stored: events.map(({ id }) => id).filter((id) => !(id in refused)), refused, language: "fr", step: {} }) as unknown as SessionState;

/** A server that fails as often as told, then stores each id once. */
function flaky(failures: unknown[]): { send: (events: Event[]) => Promise<SessionState>; disk: Set<string> } {
  const disk = new Set<string>();
  const send = async (events: Event[]): Promise<SessionState> => {
    const failure = failures.shift();
    if (failure) throw failure;
    for (const { id } of events) disk.add(id);
    return answer(events);
  };
  return { send, disk };
}

test("an event leaves the store only when it is acknowledged", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  const { send, disk } = flaky([new TypeError("offline"), new HttpError(503, "/api/events")]);
  const trouble: string[] = [];
  const outbox = new Outbox("a", store, send, (what) => trouble.push(what));
  const delivery = outbox.deliver(event("event-1"));
  await vi.waitFor(() => expect(trouble).toContain("connection"));
  expect((await store.waiting("a")).map(({ id }) => id)).toEqual(["event-1"]);
  expect((await delivery).refusal).toBeNull();
  expect(disk).toEqual(new Set(["event-1"]));
  expect(await store.waiting("a")).toEqual([]);
  await vi.waitFor(() => expect(trouble.at(-1)).toBe("none"));
});

test("what a closed tab left is sent by the next one, in order, and not with another session's", async () => {
  const never = new Outbox("a", store, () => new Promise(() => undefined), () => undefined);
  for (const id of ["event-1", "event-2", "event-3"]) await never.post(event(id));
  await store.add("b", event("event-of-b"));
  const sent: string[] = [];
  const send = async (events: Event[]): Promise<SessionState> => {
    sent.push(...events.map(({ id }) => id));
    return answer(events);
  };
  await new Outbox("a", store, send, () => undefined).flush();
  expect(sent).toEqual(["event-1", "event-2", "event-3"]);
  expect((await store.waiting("b")).map(({ id }) => id)).toEqual(["event-of-b"]);
});

test("a refusal is an answer: the event goes, the reason comes", async () => {
  const outbox = new Outbox("a", store, async (events) => answer(events, { "event-1": "déjà passé" }), () => undefined);
  expect((await outbox.deliver(event("event-1"))).refusal).toBe("déjà passé");
  expect(await store.waiting("a")).toEqual([]);
});

test("an unknown session ends the wait, and keeps the events", async () => {
  const outbox = new Outbox("a", store, flaky([new HttpError(401, "/api/events")]).send, () => undefined);
  await expect(outbox.deliver(event("event-1"))).rejects.toMatchObject({ status: 401 });
  expect(await store.waiting("a")).toHaveLength(1);
});

test("more than a batch's worth goes in batches", async () => {
  for (let index = 0; index < 450; index += 1) await store.add("a", event(`event-${index}`));
  const sizes: number[] = [];
  const send = async (events: Event[]): Promise<SessionState> => {
    sizes.push(events.length);
    return answer(events);
  };
  await new Outbox("a", store, send, () => undefined).flush();
  expect(sizes).toEqual([200, 200, 50]);
});

test("a disk that fails in the middle loses no event of this page, and says so once", async () => {
  const disk = new MemoryStore();
  const loss: unknown[] = [];
  const careful = new CarefulStore(disk, (error) => loss.push(error));
  await careful.add("a", event("event-1"));
  vi.spyOn(disk, "add").mockRejectedValue(new DOMException("full", "QuotaExceededError"));
  vi.spyOn(disk, "waiting").mockRejectedValue(new DOMException("closed", "InvalidStateError"));
  await careful.add("a", event("event-2"));
  expect((await careful.waiting("a")).map(({ id }) => id)).toEqual(["event-1", "event-2"]);
  await careful.remove(["event-1"]);
  expect((await careful.waiting("a")).map(({ id }) => id)).toEqual(["event-2"]);
  expect(loss).toHaveLength(1);
});
