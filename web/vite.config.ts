import { defineConfig } from "vitest/config";
import { mockServer } from "./src/mock/middleware";

export default defineConfig(({ mode }) => ({
  base: "/",
  plugins: mode === "mock" ? [mockServer()] : [],
  server: { host: "127.0.0.1" },
  build: {
    outDir: "../src/binome/experiment/static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
  },
  test: { environment: "jsdom", include: ["src/**/*.test.ts"], restoreMocks: true },
}));
