/** What the device has, beside what the study needs. */
import { el } from "../../dom";
import { number } from "../../format";
import type { Tools } from "../tools";

export interface Has {
  width: number;
  height: number;
  keyboard: boolean;
  touch: boolean;
}

export interface Found extends Has {
  fits: boolean;
}

export interface Check {
  fits: boolean;
  element: HTMLElement;
}

/** The device as it is now. Only a pressed key proves a keyboard; where none is needed, its looks are enough. */
export function found(pressed: boolean, needed: boolean): Has {
  const likely = matchMedia("(any-hover: hover) and (any-pointer: fine)").matches;
  return { width: innerWidth, height: innerHeight, keyboard: pressed || (!needed && likely), touch: navigator.maxTouchPoints > 0 };
}

export function needs(needed: { width: number; height: number; keyboard: boolean }, has: Has, { strings, language }: Tools): Check[] {
  const size = (name: string, is: number, least: number, mend: string): Check => {
    const said = strings.pixels(number(Math.floor(is), language), number(least, language));
    return check(name, said, is >= least, mend, strings.fits, strings.doesNotFit);
  };
  const turned = has.touch ? strings.mendTouch : strings.mendWindow;
  const checks = [
    size(strings.windowWidth, has.width, needed.width, `${turned} ${strings.mendZoom}`),
    size(strings.windowHeight, has.height, needed.height, `${has.touch ? strings.mendTouch : strings.mendTaller} ${strings.mendZoom}`),
  ];
  if (needed.keyboard) checks.push(check(strings.keyboard, has.keyboard ? strings.keyPressed : strings.pressKey, has.keyboard, strings.mendKeyboard, strings.fits, strings.doesNotFit));
  return checks;
}

function check(name: string, said: string, fits: boolean, mend: string, yes: string, no: string): Check {
  const mark = el("span", { class: "check-mark", role: "img", "aria-label": fits ? yes : no }, fits ? "✓" : "✗");
  const words = el("div", {}, el("p", { class: "check-name" }, name), el("p", { class: "check-found" }, said), fits ? null : el("p", { class: "check-mend" }, mend));
  return { fits, element: el("li", { class: fits ? "check fits" : "check", tabindex: fits ? null : -1 }, mark, words) };
}
