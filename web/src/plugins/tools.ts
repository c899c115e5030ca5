import type { Picture } from "../contract";
import type { Strings } from "../languages";

/** What a plug-in may use besides its step: the interface's words, the pictures and the event log. */
export interface Tools {
  strings: Strings;
  language: string;
  /** The address that opens this session again, here or on another device. */
  link: string;
  /** Resolves when the picture is decoded. */
  show(image: HTMLImageElement, picture: Picture): Promise<void>;
  /** Records something that happened in the step; never waits. */
  log(type: string, data?: Record<string, unknown>): void;
  /** Shows the error page: the step cannot be shown. */
  fail(error: unknown): void;
}
