import { beforeEach, expect, test, vi } from "vitest";
import { inMemory, openKeeping } from "./keeping";
import { TokenKeeper } from "./token";

const OWN = "A".repeat(22);
beforeEach(() => {
  localStorage.clear();
  history.replaceState(null, "", "/take?lang=fr");
});

test("a token that the browser keeps leaves the address alone", () => {
  const keeper = new TokenKeeper("tiny", null, openKeeping());
  const token = keeper.make();
  expect(token).toMatch(/^[A-Za-z0-9_-]{22}$/);
  expect(location.href).not.toContain(token);
  expect(new TokenKeeper("tiny", null, openKeeping()).known()).toEqual([token]);
  expect(new TokenKeeper("tiny", "p7", openKeeping()).known()).toEqual([]);
});

test("a browser that keeps nothing has the token in the address, and a reload finds it there", () => {
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("blocked", "SecurityError");
  });
  const keeping = openKeeping();
  expect(keeping.lasting).toBe(false);
  const token = new TokenKeeper("tiny", null, keeping).make();
  expect(location.hash).toBe(`#session=${token}`);
  expect(new TokenKeeper("tiny", null, inMemory()).known()).toEqual([token]);
});

test("a link of one's own goes first; once known it is kept, and leaves the address", () => {
  const keeper = new TokenKeeper("tiny", null, openKeeping());
  const before = keeper.make();
  location.hash = `#session=${OWN}`;
  expect(keeper.known()).toEqual([OWN, before]);
  keeper.keep(OWN);
  expect(location.hash).toBe("");
  expect(keeper.known()).toEqual([OWN]);
  location.hash = "#session=short";
  expect(keeper.known()).toEqual([OWN]);
});
