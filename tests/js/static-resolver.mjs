// Resolves imports between the static folders of apps, which a server serves under one /static/.
// Import it first, and the modules under test with `await import(…)`.

import { existsSync } from "node:fs";
import { register } from "node:module";
import { isMainThread } from "node:worker_threads";

const ROOT = new URL("../../", import.meta.url);
const WITHIN = /\/static\/((\w+)\/.*)$/;

export function resolve(specifier, context, next) {
  if (!specifier.startsWith(".") || !context.parentURL) return next(specifier, context);
  const wanted = new URL(specifier, context.parentURL);
  const [, path, app] = WITHIN.exec(wanted.pathname) ?? [];
  if (!app || existsSync(wanted)) return next(specifier, context);
  return next(new URL(`${app}/static/${path}`, ROOT).href, context);
}

if (isMainThread) register(import.meta.url); // its hooks live in a thread of their own
