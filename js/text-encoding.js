// Text en- and decoding for the glue of the CommonJS bundles: Jest loads those, and its jsdom lacks both although Node has them.
const { TextDecoder, TextEncoder } = globalThis.TextDecoder ? globalThis : globalThis.process.getBuiltinModule("node:util");

export { TextDecoder, TextEncoder };
