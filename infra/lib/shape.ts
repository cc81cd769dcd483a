// Reading documents by hand: every value is checked, and a problem is named with the path to it.

export class InvalidDocument extends Error {
  constructor(where: string, problem: string) {
    super(`InvalidConfiguration: ${where} ${problem}`);
    this.name = "InvalidConfiguration";
  }
}

/** A value of a document together with the path to it. */
export class Value {
  constructor(
    private readonly where: string,
    private readonly value: unknown,
  ) {}

  fail(problem: string): never {
    throw new InvalidDocument(this.where, problem);
  }

  /** An object with exactly these keys; those in `optional` may be absent. */
  object<Key extends string>(keys: readonly Key[], optional: readonly Key[] = []): Record<Key, Value> {
    const value = this.value;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return this.fail("must be an object");
    }
    const given = value as Record<string, unknown>;
    const unknown = Object.keys(given).find((key) => !(keys as readonly string[]).includes(key));
    if (unknown !== undefined) {
      return new Value(`${this.where}.${unknown}`, undefined).fail(`is not known; known are ${keys.join(", ")}`);
    }
    const missing = keys.find((key) => !(key in given) && !optional.includes(key));
    if (missing !== undefined) {
      return new Value(`${this.where}.${missing}`, undefined).fail("is missing");
    }
    const values = keys.map((key) => [key, new Value(`${this.where}.${key}`, given[key])] as const);
    return Object.fromEntries(values) as Record<Key, Value>;
  }

  isAbsent(): boolean {
    return this.value === undefined;
  }

  text(pattern: RegExp, meaning: string): string {
    if (typeof this.value !== "string" || !pattern.test(this.value)) {
      return this.fail(`must be ${meaning}`);
    }
    return this.value;
  }

  oneOf<Choice extends string>(choices: readonly Choice[]): Choice {
    const found = choices.find((choice) => choice === this.value);
    return found ?? this.fail(`must be one of ${choices.join(", ")}`);
  }

  whole(least: number, most: number): number {
    const value = this.value;
    if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
      return this.fail(`must be a whole number from ${least} to ${most}`);
    }
    return value;
  }

  wholeOf(choices: readonly number[]): number {
    const found = choices.find((choice) => choice === this.value);
    return found ?? this.fail(`must be one of ${choices.join(", ")}`);
  }

  boolean(): boolean {
    return typeof this.value === "boolean" ? this.value : this.fail("must be true or false");
  }

  list<Item>(read: (item: Value) => Item): Item[] {
    if (!Array.isArray(this.value)) {
      return this.fail("must be a list");
    }
    return this.value.map((item, index) => read(new Value(`${this.where}[${index}]`, item)));
  }
}
