// TextEncoder and TextDecoder for the glue of the CommonJS bundles. Jest loads those, and its jsdom environment lacks both.
const { TextDecoder, TextEncoder } = globalThis.TextDecoder ? globalThis : globalThis.process.getBuiltinModule("node:util");

export { TextDecoder, TextEncoder };
