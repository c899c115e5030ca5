/** Where unsent events wait: IndexedDB, so that a reload or a closed tab loses none. */
import type { Event } from "./contract";

export interface OutboxStore {
  add(session: string, event: Event): Promise<void>;
  /** The session's waiting events, oldest first. */
  waiting(session: string): Promise<Event[]>;
  remove(ids: readonly string[]): Promise<void>;
  /** Forgets a whole session, after a withdrawal. */
  clear(session: string): Promise<void>;
}

interface Row {
  order?: number;
  session: string;
  id: string;
  event: Event;
}

export class IndexedDbStore implements OutboxStore {
  private constructor(private readonly database: IDBDatabase) {}

  static open(name: string): Promise<IndexedDbStore> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => {
        const rows = request.result.createObjectStore("events", { keyPath: "order", autoIncrement: true });
        rows.createIndex("session", "session");
        rows.createIndex("id", "id", { unique: true });
      };
      request.onsuccess = () => resolve(new IndexedDbStore(request.result));
      request.onerror = () => reject(request.error);
    });
  }

  async add(session: string, event: Event): Promise<void> {
    await this.change((rows) => rows.add({ session, id: event.id, event } satisfies Row));
  }

  async waiting(session: string): Promise<Event[]> {
    const rows = this.database.transaction("events").objectStore("events");
    const found = await answer<Row[]>(rows.index("session").getAll(session));
    return found.sort((a, b) => (a.order ?? 0) - (b.order ?? 0)).map((row) => row.event);
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.change(async (rows) => {
      for (const id of ids) {
        const key = await answer(rows.index("id").getKey(id));
        if (key !== undefined) rows.delete(key);
      }
    });
  }

  async clear(session: string): Promise<void> {
    await this.remove((await this.waiting(session)).map((event) => event.id));
  }

  private change(work: (rows: IDBObjectStore) => unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      // Strict: the promise resolves when the event is on disk, not merely handed to the system.
      const transaction = this.database.transaction("events", "readwrite", { durability: "strict" });
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      void work(transaction.objectStore("events"));
    });
  }
}

/** For browsers that refuse IndexedDB (some private windows): survives a lost network, not a reload. */
export class MemoryStore implements OutboxStore {
  private rows: { session: string; event: Event }[] = [];

  async add(session: string, event: Event): Promise<void> {
    this.rows.push({ session, event });
  }

  async waiting(session: string): Promise<Event[]> {
    return this.rows.filter((row) => row.session === session).map((row) => row.event);
  }

  async remove(ids: readonly string[]): Promise<void> {
    this.rows = this.rows.filter((row) => !ids.includes(row.event.id));
  }

  async clear(session: string): Promise<void> {
    this.rows = this.rows.filter((row) => row.session !== session);
  }
}

/** The page's memory, and IndexedDB beside it as long as that works: a disk can fill up, a database be closed. */
export class CarefulStore implements OutboxStore {
  private readonly memory = new MemoryStore();
  private lost = false;

  constructor(
    private readonly disk: OutboxStore,
    private readonly onLoss: (error: unknown) => void,
  ) {}

  async add(session: string, event: Event): Promise<void> {
    await this.memory.add(session, event);
    await this.onDisk((store) => store.add(session, event));
  }

  /** What an earlier page left on the disk, then what this one has. */
  async waiting(session: string): Promise<Event[]> {
    const own = await this.memory.waiting(session);
    const ids = new Set(own.map((event) => event.id));
    const kept = (await this.onDisk((store) => store.waiting(session))) ?? [];
    return [...kept.filter((event) => !ids.has(event.id)), ...own];
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.memory.remove(ids);
    await this.onDisk((store) => store.remove(ids));
  }

  async clear(session: string): Promise<void> {
    await this.memory.clear(session);
    await this.onDisk((store) => store.clear(session));
  }

  private async onDisk<T>(work: (store: OutboxStore) => Promise<T>): Promise<T | undefined> {
    if (this.lost) return undefined;
    try {
      return await work(this.disk);
    } catch (error) {
      this.lost = true;
      this.onLoss(error);
      return undefined;
    }
  }
}

/** Where unsent events wait; `onLoss` is told when they will not outlive the page. */
export async function openStore(onLoss: (error: unknown) => void): Promise<OutboxStore> {
  try {
    return new CarefulStore(await IndexedDbStore.open("binome"), onLoss);
  } catch (error) {
    onLoss(error);
    return new MemoryStore();
  }
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
