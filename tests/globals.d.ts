// The globals that the tests put on pages, and those that test runners provide.

/** The bundle, by its path on the tests' own server. */
declare module "*/pkg/dist/index.js" {
  export * from "teams-device-diagnostics";
}
/** Another instance of the same bundle. */
declare module "*/pkg/dist/index.js?another" {
  export * from "teams-device-diagnostics";
}

interface Window {
  /** The notifications that a test has recorded. */
  notified: string[];
  /** Whether a test pretends that the page is out of sight. */
  isHidden: boolean;
  api: typeof import("teams-device-diagnostics");
  /** Added by axe-core. */
  axe: typeof import("axe-core");
  customer: Promise<Record<string, (...given: unknown[]) => unknown>>;
  failures: (...given: unknown[]) => Promise<Record<string, Record<string, string>>>;
  left: () => { timers: number; listeners: number };
  measured: { tasks: number[]; updates: number; clicks: { ms: number; isSelected: boolean }[] };
  realms: Record<string, (frame: any) => Promise<any>>;
  reportViolation: (text: string) => void;
  said: string[];
  seen: { usable?: number; shift: number };
}

/** The global of zone.js. */
declare const Zone: Record<"current" | "root", { name: string; fork(spec: { name: string }): { run<T>(action: () => T): T } }>;

/** The part of Jest that is used. Its types are installed in another folder, with Jest. */
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
