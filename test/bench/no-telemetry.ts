// The first import of whatever loads ONNX Runtime outside an engine: the library looks at this when it is loaded.
process.env.ORT_DISABLE_TELEMETRY = '1';
