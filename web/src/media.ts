/** Pictures fetched with the session's token, decoded, and shown as object URLs. */
import type { Picture } from "./contract";

const KEPT = 24;

export class Media {
  private readonly urls = new Map<string, Promise<string>>();

  constructor(private readonly fetchBlob: (url: string) => Promise<Blob>) {}

  /** Starts fetching what the next steps will show; a failure is met again when the picture is needed. */
  preload(urls: readonly string[]): void {
    for (const url of urls) this.objectUrl(url).catch(() => this.urls.delete(url));
  }

  /** Gives the image its picture; resolves when it is decoded, so that the next frame can paint it. */
  async show(image: HTMLImageElement, picture: Picture): Promise<void> {
    image.width = picture.width;
    image.height = picture.height;
    image.alt = picture.alt;
    image.src = await this.objectUrl(picture.url);
    await image.decode();
  }

  /** Lets go of the oldest pictures. */
  trim(): void {
    for (const [url, promise] of [...this.urls].slice(0, Math.max(0, this.urls.size - KEPT))) {
      this.urls.delete(url);
      promise.then((objectUrl) => URL.revokeObjectURL(objectUrl)).catch(() => undefined); // never arrived: nothing to free
    }
  }

  private objectUrl(url: string): Promise<string> {
    let promise = this.urls.get(url);
    if (!promise) {
      promise = this.fetchBlob(url).then((blob) => URL.createObjectURL(blob));
      this.urls.set(url, promise);
      promise.catch(() => this.urls.delete(url));
    }
    return promise;
  }
}
