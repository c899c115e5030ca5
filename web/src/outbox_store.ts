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

export async function openStore(): Promise<OutboxStore> {
  try {
    return await IndexedDbStore.open("binome");
  } catch (error) {
    console.warn("IndexedDB is refused here: unsent answers live in memory only.", error);
    return new MemoryStore();
  }
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
