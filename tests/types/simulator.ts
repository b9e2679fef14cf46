// The types of the simulated Graph: scenarios that compile, and mistakes that must not.
import { runDiagnostics, waitForOperation } from "teams-device-diagnostics";
import { simulateGraph } from "teams-device-diagnostics/simulator";
import type {
  Dates,
  Envelope,
  Fault,
  FaultBody,
  FaultResponse,
  LocationForm,
  NextLinkForm,
  Outcome,
  Scenario,
  SimulateGraphOptions,
  SimulatedDevice,
  SimulatedGraph,
  SimulatedOperation,
  SimulatedRequest,
  SimulatedTenant,
  SimulatedTenantName,
} from "teams-device-diagnostics/simulator";

const outcomes: Outcome[] = ["successful", "failed", "cancelled", "never"];
const locations: LocationForm[] = ["relative", "versioned", "absolute", "quotedKeys", "missing", { literal: "/elsewhere" }];
const bodies: FaultBody[] = ["error", "html", "empty", "truncated", "echo", { literal: "{" }];
const response: FaultResponse = { status: 429, retryAfter: "1", headers: [["WWW-Authenticate", "Bearer"]], body: bodies[0] };
const faults: Fault[] = ["reset", "resetAfter", "hang", "hangAfter", { redirect: "https://elsewhere.example" }, { response }];
const [envelope, dates, nextLink]: [Envelope, Dates, NextLinkForm] = ["bare", "hyphens", "absolute"];
const scenario: Scenario = {
  paceMs: 1_200_000,
  slowness: 2,
  outcome: "failed",
  statusTexts: ["Queued", "Scheduled", "InProgress", "Failed"],
  location: { literal: "/elsewhere" },
  envelope,
  dates,
  junkError: true,
  runningRetryAfter: "1",
  postFaults: faults,
  repeatLastPostFault: true,
  pollFaults: [null, ...faults],
  hasForeignOperation: true,
  administrator: "Ann",
  failure: ["code", "message"],
};
const unset: Scenario = { paceMs: null, statusTexts: undefined, location: null, failure: null, outcome: undefined };
const device: SimulatedDevice = { id: "room", notes: "", deviceType: "teamsRoom", lastSeenMinutes: 5, scenario };
const tenant: SimulatedTenantName = "many";
const options: SimulateGraphOptions = {
  devices: new Set([device, { id: "other", scenario: unset }]),
  tenant,
  origin: "https://graph.microsoft.us",
  now: () => new Date(),
  paceMs: 10,
  requestsPerSecond: 10,
  seed: 7,
  location: locations[0],
  envelope,
  dates,
  nextLink,
  pageSize: 5,
  cacheable: true,
  exposeLocation: false,
  exposeRetryAfter: undefined,
};

const graph: SimulatedGraph = await simulateGraph(options);
await simulateGraph();
await simulateGraph(null);
await simulateGraph({ now: Date.now });
const { fetch } = graph;
globalThis.fetch = graph.fetch;
await waitForOperation(await runDiagnostics("token", "room", { fetch }));
const [request]: SimulatedRequest[] = graph.requests();
console.log(request?.method, request?.url, request?.headers.authorization, request?.body);
const [operation]: SimulatedOperation[] = graph.operations();
console.log(operation?.id, operation?.deviceId, operation?.status satisfies string | undefined, outcomes);
graph.addDevice({ id: "third" });
graph.enterTenant("markup");
const tenants: SimulatedTenant[] = graph.tenants();
console.log(tenants.map(({ name, title, about }) => name + title + about), graph.tenant);
graph.reset();
const answered: Response = await graph.fetch(new Request("https://graph.microsoft.com/beta/teamwork/devices"), { redirect: "manual" });
console.log(answered.status);

// Lists that are only read may be frozen.
graph.addDevice({ id: "d", scenario: { postFaults: ["reset"], statusTexts: ["a", "b", "c", "d"], failure: ["Code", "text"] } as const });
graph.addDevice({ id: "d", scenario: { pollFaults: Object.freeze([null, { response: { status: 200, body: "interrupted" } }] as const) } });
// @ts-expect-error a device has an id
graph.addDevice({ scenario });
// @ts-expect-error there is no such outcome
graph.addDevice({ id: "d", scenario: { outcome: "lost" } });
// @ts-expect-error there is no such member
graph.addDevice({ id: "d", scenario: { pollFault: [] } });
// @ts-expect-error a POST without a fault is not in the list
graph.addDevice({ id: "d", scenario: { postFaults: [null] } });
// @ts-expect-error a fault has one kind
graph.addDevice({ id: "d", scenario: { postFaults: ["reset after"] } });
// @ts-expect-error a response has a status
graph.addDevice({ id: "d", scenario: { pollFaults: [{ response: { retryAfter: "1" } }] } });
// @ts-expect-error Retry-After is a text, valid or not
graph.addDevice({ id: "d", scenario: { pollFaults: [{ response: { status: 429, retryAfter: 1 } }] } });
// @ts-expect-error there are four texts
graph.addDevice({ id: "d", scenario: { statusTexts: ["Queued"] } });
// @ts-expect-error there is no such tenant
graph.enterTenant("moon");
// @ts-expect-error a device is not an id
await simulateGraph({ devices: ["room"] });
// @ts-expect-error a time is not a text
await simulateGraph({ now: () => "now" });
// @ts-expect-error the option is called paceMs
await simulateGraph({ pace: 10 });
// @ts-expect-error the members cannot be replaced
graph.fetch = fetch;
// @ts-expect-error it is a promise
simulateGraph().fetch;
// @ts-expect-error the main entry has no simulated Graph
import { simulateGraph as unknown } from "teams-device-diagnostics";
