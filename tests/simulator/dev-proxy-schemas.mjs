// What the JSON schemas of Dev Proxy 2.2 demand, without their texts.
// Source: https://github.com/dotnet/dev-proxy/tree/main/schemas/v2.2.0 (rc, mockresponseplugin and mockresponseplugin.mocksfile).

const TEXT = { type: "string" };
const FLAG = { type: "boolean" };
const PORT = { type: "number", minimum: 0, maximum: 65_535 };
const listOf = (/** @type {object} */ items) => ({ type: "array", items });
const FIELD = { type: "object", properties: { name: TEXT, value: TEXT }, required: ["name", "value"] };

export const CONFIGURATION = {
  type: "object",
  properties: {
    $schema: TEXT,
    asSystemProxy: FLAG,
    apiPort: PORT,
    port: PORT,
    plugins: listOf({
      type: "object",
      properties: { name: TEXT, enabled: FLAG, pluginPath: TEXT, configSection: TEXT, urlsToWatch: listOf(TEXT) },
      required: ["name", "enabled", "pluginPath"],
    }),
    urlsToWatch: listOf(TEXT),
  },
  required: ["plugins"],
};

export const PLUGIN = {
  type: "object",
  properties: { $schema: TEXT, mocksFile: TEXT, blockUnmockedRequests: FLAG },
  required: ["mocksFile"],
  additionalProperties: false,
};

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE"];

export const MOCKS = {
  type: "object",
  properties: {
    $schema: TEXT,
    mocks: listOf({
      type: "object",
      properties: {
        request: {
          type: "object",
          properties: { url: TEXT, method: { enum: METHODS }, nth: { type: "integer" }, bodyFragment: TEXT },
          required: ["url"],
        },
        response: {
          type: "object",
          properties: { body: { type: ["object", "array", "string"] }, statusCode: { type: "integer" }, headers: listOf(FIELD) },
        },
      },
      required: ["request", "response"],
    }),
  },
  required: ["mocks"],
  additionalProperties: false,
};
