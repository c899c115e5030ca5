import { expect, test } from "vitest";
import { button, runPlugin } from "../harness";
import { ConsentPlugin } from ".";

const step = { title: "Consentement", blocks: [{ kind: "paragraph", text: "<b>Lisez</b>", items: [] }], version: "v7" };

test("the answer carries the version of the text", async () => {
  const { display, ended } = await runPlugin(ConsentPlugin, step);
  button(display, "J’accepte").click();
  expect(await ended).toMatchObject({ accepted: true, version: "v7" });
});

test("declining is an answer too", async () => {
  const { display, ended } = await runPlugin(ConsentPlugin, step);
  button(display, "Je n’accepte pas").click();
  expect(await ended).toMatchObject({ accepted: false, version: "v7" });
});

test("study text is text, never markup, and the heading has the focus", async () => {
  const { display } = await runPlugin(ConsentPlugin, step);
  expect(display.querySelector("b")).toBeNull();
  expect(display.textContent).toContain("<b>Lisez</b>");
  expect(document.activeElement?.tagName).toBe("H1");
});
