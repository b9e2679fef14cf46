// A run, and its batch, as code that a developer can start with.

/** @typedef {{ deviceId: string, cloud?: string, baseUrl?: string }} StartedRun */

/** The sign-in authority of each cloud. @type {Record<string, string>} */
const LOGIN = {
  usGovL4: "https://login.microsoftonline.us",
  usGovL5: "https://login.microsoftonline.us",
  china: "https://login.partner.microsoftonline.cn",
};

/** The number of device ids that are shown. */
const MOST_IDS = 20;

/**
 * The run as TypeScript for a portal, with a token from MSAL.
 *
 * @param {StartedRun} run
 */
export function portalSnippet({ deviceId, cloud = "global", baseUrl }) {
  return `import { InteractionRequiredAuthError, PublicClientApplication } from "@azure/msal-browser";
import { isDiagnosticsError, runDiagnostics, waitForOperation } from "teams-device-diagnostics";
import type { ProgressEvent, TokenFunction } from "teams-device-diagnostics";

const msal = new PublicClientApplication({
  auth: {
    // From the registration of your application in Microsoft Entra.
    clientId: "00000000-0000-0000-0000-000000000000",
    authority: "${LOGIN[cloud] ?? "https://login.microsoftonline.com"}/organizations",
    clientCapabilities: ["CP1"],
  },
});
const ready = msal.initialize();

// Called before every request. The first call opens a window, so start from a click.
const token: TokenFunction = async ({ scopes, claims }) => {
  await ready;
  const account = msal.getAllAccounts()[0] ?? (await msal.loginPopup()).account;
  const request = { scopes, account, ...(claims && { claims }) };
  const result = await msal.acquireTokenSilent(request).catch((error) => {
    if (error instanceof InteractionRequiredAuthError) return msal.acquireTokenPopup(request);
    throw error;
  });
  return result.accessToken;
};

type Watch = { onProgress?: (event: ProgressEvent) => void; signal?: AbortSignal };

export async function collectLogs(deviceId: string, { onProgress, signal }: Watch = {}): Promise<string> {
  try {
    const location = await runDiagnostics(token, deviceId, ${optionsWith(["onProgress", "signal"], cloud, baseUrl)});
    await waitForOperation(location, { onProgress, signal });
    return "The logs are in the Teams admin center.";
  } catch (error) {
    if (isDiagnosticsError(error)) return \`\${error.message}. \${error.hint ?? ""}\`;
    throw error;
  }
}

console.log(await collectLogs(${JSON.stringify(deviceId)}, { onProgress: (event) => console.log(event.type) }));
`;
}

/**
 * The run as a program for Node, in TypeScript or JavaScript, with a token from @azure/identity.
 *
 * @param {StartedRun} run
 */
export function nodeSnippet({ deviceId, cloud = "global", baseUrl }) {
  const login = LOGIN[cloud] === undefined ? "" : `{ authorityHost: "${LOGIN[cloud]}" }`;
  return `import { DefaultAzureCredential } from "@azure/identity";
import { isDiagnosticsError, runDiagnostics, waitForOperation } from "teams-device-diagnostics";

${baseUrl === undefined ? "" : "// The simulated Graph accepts any text instead.\n"}const token = new DefaultAzureCredential(${login});
const deviceId = ${JSON.stringify(deviceId)};

try {
  const location = await runDiagnostics(token, deviceId${followedBy(optionsWith([], cloud, baseUrl))});
  console.log("Started:", location);
  const operation = await waitForOperation(location, {
    onProgress: (event) => event.type === "status" && console.log(event.status),
  });
  console.log(operation.status, "- download the logs in the Teams admin center");
} catch (error) {
  if (!isDiagnosticsError(error)) throw error;
  console.error(error.code, error.message, error.hint ?? "");
  process.exitCode = 1;
}
`;
}

/**
 * The runs of a batch as a program for Node, in TypeScript or JavaScript: the call that this page makes.
 *
 * @param {Omit<StartedRun, "deviceId"> & { deviceIds: string[] }} batch
 */
export function batchSnippet({ deviceIds, cloud = "global", baseUrl }) {
  const login = LOGIN[cloud] === undefined ? "" : `{ authorityHost: "${LOGIN[cloud]}" }`;
  const shown = deviceIds.slice(0, MOST_IDS).map((id) => `  ${JSON.stringify(id)},\n`);
  const more = deviceIds.length > MOST_IDS ? `  // and ${deviceIds.length - MOST_IDS} more\n` : "";
  return `import { DefaultAzureCredential } from "@azure/identity";
import { runDiagnosticsOnDevices } from "teams-device-diagnostics/fleet";

${baseUrl === undefined ? "" : "// The simulated Graph accepts any text instead.\n"}const token = new DefaultAzureCredential(${login});
const deviceIds = [
${shown.join("")}${more}];

for await (const { deviceId, outcome, error } of runDiagnosticsOnDevices(token, deviceIds${followedBy(optionsWith([], cloud, baseUrl))})) {
  console.log(deviceId, outcome, error?.message ?? "");
}
`;
}

/**
 * The options of a start: the cloud if it is not the default, or the simulated Graph.
 *
 * @param {string[]} names
 * @param {string} cloud
 * @param {string | undefined} baseUrl
 */
function optionsWith(names, cloud, baseUrl) {
  const service =
    baseUrl !== undefined ? [`baseUrl: ${JSON.stringify(baseUrl)}`] : cloud !== "global" ? [`cloud: ${JSON.stringify(cloud)}`] : [];
  const members = [...service, ...names];
  return members.length === 0 ? "" : `{ ${members.join(", ")} }`;
}

/** @param {string} argument */
const followedBy = (argument) => (argument === "" ? "" : `, ${argument}`);
