import { expect, test } from "vitest";
import { runPlugin } from "../harness";
import { DonePlugin } from ".";

test("shows the code and the way back", async () => {
  const { display } = await runPlugin(DonePlugin, { title: "Merci", blocks: [], code: "AB-12", url: "https://example.org/x" });
  expect(display.querySelector("output")?.textContent).toBe("AB-12");
  expect(display.querySelector("a")?.href).toBe("https://example.org/x");
});

test("an address that is no web address is no link", async () => {
  const { display } = await runPlugin(DonePlugin, { title: "Merci", blocks: [], code: "", url: "javascript:alert(1)" });
  expect(display.querySelector("a, output")).toBeNull();
});
