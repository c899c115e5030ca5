/** A mock of the server for work on the pages (`npm run dev -- --mode mock`): it keeps nothing and checks nothing. */
import type { Plugin } from "vite";
import type { EventBatch, SessionState, StudyInfo } from "../contract";
import { mockSteps } from "./steps";

const STUDY: StudyInfo = { study: "mock", title: { en: "Mock study", fr: "Étude factice" }, languages: ["fr", "en"], open: true };
const PIXEL = `<svg xmlns="http://www.w3.org/2000/svg" width="280" height="280"><rect width="280" height="280"/><circle cx="140" cy="140" r="90" fill="#bbb"/></svg>`;

export function mockServer(): Plugin {
  const steps = mockSteps();
  let current = 0;
  const state = (stored: string[]): SessionState => ({ stored, refused: {}, language: "fr", step: steps[current]! });

  return {
    name: "binome-mock-server",
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = request.url?.split("?")[0] ?? "";
        if (path === "/take") request.url = "/";
        if (!path.startsWith("/api/")) return next();
        let body = "";
        request.on("data", (chunk: Buffer) => (body += chunk.toString()));
        request.on("end", () => {
          response.setHeader("Content-Type", path.startsWith("/api/media/") ? "image/svg+xml" : "application/json");
          if (path.startsWith("/api/media/")) return response.end(PIXEL);
          if (path === "/api/study") return response.end(JSON.stringify(STUDY));
          if (path !== "/api/events") return response.end(JSON.stringify(state([])));
          const { events } = JSON.parse(body) as EventBatch;
          if (events.some((event) => event.type === "complete" && event.step === current)) current += 1;
          return response.end(JSON.stringify(state(events.map((event) => event.id))));
        });
      });
    },
  };
}
