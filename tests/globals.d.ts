// What the tests put on pages, and what test runners give to files that they load.

/** A bundle as a page loads it, by its path on the tests' own server. */
declare module "*/pkg/dist/index.js" {
  export * from "teams-device-diagnostics";
}
/** Another instance of the same bundle. */
declare module "*/pkg/dist/index.js?another" {
  export * from "teams-device-diagnostics";
}

interface Window {
  api: typeof import("teams-device-diagnostics");
  /** What axe-core puts there. */
  axe: typeof import("axe-core");
  customer: Promise<Record<string, (...given: unknown[]) => unknown>>;
  failures: (...given: unknown[]) => Promise<Record<string, Record<string, string>>>;
  left: () => { timers: number; listeners: number };
  realms: Record<string, (frame: any) => Promise<any>>;
  reportViolation: (text: string) => void;
  said: string[];
  seen: { usable?: number; shift: number };
}

/** What zone.js gives. */
declare const Zone: Record<"current" | "root", { name: string; fork(spec: { name: string }): { run<T>(action: () => T): T } }>;

/** What Jest gives, as far as it is used. It lies with the other tools in a folder of its own, and so do its types. */
declare const jest: {
  advanceTimersByTimeAsync(ms: number): Promise<void>;
  getTimerCount(): number;
  resetModules(): void;
  spyOn(target: object, method: string): object;
  useFakeTimers(options?: object): void;
  useRealTimers(): void;
};
declare function beforeAll(run: () => unknown): void;
declare function beforeEach(run: () => unknown): void;
declare function afterEach(run: () => unknown): void;
declare function test(name: string, run: () => unknown, timeout?: number): void;
declare function expect(value: unknown): { not: { toHaveBeenCalled(): void } };
