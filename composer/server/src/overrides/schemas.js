// Says in the console which events aren't what their topic's JSON schema says. Knows what most schemas of events are made of;
// other keywords count for nothing.
const textOf = (value) => JSON.stringify(value);
const kindOf = (value) => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

function* breaches(schema, value, path) {
  if (schema === false) yield [path, "must not be there"];
  if (typeof schema != "object" || schema === null) return;
  const kind = kindOf(value);
  const types = [schema.type ?? []].flat();
  const fits = (type) => type == kind || (type == "integer" && Number.isInteger(value));
  if (types.length && !types.some(fits)) return yield [path, `must be ${types.join(" or ")}, is ${kind}`];
  if (schema.enum && !schema.enum.some((each) => textOf(each) == textOf(value))) yield [path, `must be one of ${textOf(schema.enum)}`];
  if ("const" in schema && textOf(schema.const) != textOf(value)) yield [path, `must be ${textOf(schema.const)}`];
  if (kind == "number") yield* bounds(path, "", value, schema.minimum, schema.maximum);
  if (kind == "string") {
    yield* bounds(path, " characters", [...value].length, schema.minLength, schema.maxLength);
    if (schema.pattern && !new RegExp(schema.pattern, "u").test(value)) yield [path, `must match /${schema.pattern}/`];
  }
  if (kind == "array") {
    yield* bounds(path, " items", value.length, schema.minItems, schema.maxItems);
    for (const [at, each] of value.entries()) yield* breaches(schema.items, each, `${path}[${at}]`);
  }
  if (kind == "object") yield* ofObject(schema, value, path);
}

function* bounds(path, unit, size, least = -Infinity, most = Infinity) {
  if (size < least) yield [path, `must be at least ${least}${unit}, is ${size}`];
  if (size > most) yield [path, `must be at most ${most}${unit}, is ${size}`];
}

function* ofObject({ properties = {}, required = [], additionalProperties }, value, path) {
  const within = (name) => (path ? `${path}.${name}` : name);
  for (const name of required) if (!Object.hasOwn(value, name)) yield [within(name), "is required"];
  for (const [name, each] of Object.entries(value)) {
    const schema = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    yield* breaches(schema, each, within(name));
  }
}

const { schemas } = document.getElementById("marquetry-override").dataset;
const told = await fetch(schemas).then((response) => (response.ok ? response.json() : {}), () => ({}));
for (const [topic, { app, schema }] of Object.entries(told)) {
  document.addEventListener(topic, ({ detail }) => {
    for (const [path, rule] of breaches(schema, detail, ""))
      console.error(`marquetry: event \`${topic}\` isn't what \`${app}\` says in its schema: \`${path || "the value"}\` ${rule}`);
  });
}
