import { expect, test, vi } from "vitest";
import { button, runPlugin } from "../harness";
import { PagesPlugin } from ".";

const page = (heading: string) => [{ kind: "heading", text: heading, items: [] }, { kind: "list", text: "", items: ["un", "deux"] }];

test("pages go forward and back, each with its own heading", async () => {
  const { display, ended } = await runPlugin(PagesPlugin, { pages: [page("Première"), page("Seconde")] });
  expect(display.querySelector("h1")?.textContent).toBe("Première");
  button(display, "Continuer").click();
  expect(display.querySelector("h1")?.textContent).toBe("Seconde");
  expect(display.querySelector(".kicker")?.textContent).toBe("Page 2 sur 2");
  button(display, "Retour").click();
  expect(display.querySelectorAll("li")).toHaveLength(2);
  button(display, "Continuer").click();
  button(display, "Continuer").click();
  expect(await ended).toMatchObject({ trial_type: "binome-pages" });
});

test("a block says which part it is", async () => {
  const { display } = await runPlugin(PagesPlugin, { title: "Avec conseil", number: 2, of: 4, blocks: [] });
  expect(display.querySelector(".kicker")?.textContent).toBe("Partie 2 sur 4");
});

test("a block's page about the model comes second, and the block is over after it", async () => {
  const { display, ended, logged } = await runPlugin(PagesPlugin, { title: "Avec conseil", number: 1, of: 2, blocks: [], overview: page("Le modèle en bref") });
  button(display, "Continuer").click();
  expect(display.querySelector("h1")?.textContent).toBe("Le modèle en bref");
  expect(logged).toEqual(["page_shown"]);
  button(display, "Continuer").click();
  await ended;
});

test("a picture of the text keeps its room, and says what it shows", async () => {
  const picture = { url: "/api/pictures/abc", width: 640, height: 360, alt: "Un dessin de la page" };
  const { display } = await runPlugin(PagesPlugin, { pages: [[...page("Tâche"), { kind: "picture", text: "", items: [], picture }]] });
  const image = display.querySelector<HTMLImageElement>("figure.told img");
  expect([image?.alt, image?.getAttribute("width"), image?.getAttribute("height")]).toEqual(["Un dessin de la page", "640", "360"]);
});

test("a picture that does not come is noted, and the page goes on", async () => {
  const picture = { url: "/api/pictures/abc", width: 640, height: 360, alt: "Un dessin" };
  const running = { show: () => Promise.reject(new Error("404")) };
  const { display, logged } = await runPlugin(PagesPlugin, { pages: [[{ kind: "picture", text: "", items: [], picture }]] }, "fr", running);
  await vi.waitFor(() => expect(logged).toContain("picture_failed"));
  expect(button(display, "Continuer").disabled).toBe(false);
});
