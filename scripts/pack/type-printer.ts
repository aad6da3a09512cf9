import ts from "typescript";

/**
 * Writes types of JSON as TypeScript, whatever they were inferred from. A type that has a name is written by it
 * everywhere but where the name is declared. What JSON cannot carry is an error.
 */
export class TypePrinter {
  readonly #checker: ts.TypeChecker;
  readonly #keys = new Map<ts.Type, string>();
  readonly #names = new Map<ts.Type, string>();
  /** By structure; null where several names share one. */
  readonly #namesByKey = new Map<string, string | null>();

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker;
  }

  /** @throws TypeError for what JSON cannot carry */
  name(type: ts.Type, name: string): void {
    if (!isWorthAName(type)) return;
    const key = this.#keyOf(type);
    this.#names.set(type, name);
    this.#namesByKey.set(key, this.#namesByKey.has(key) ? null : name);
  }

  /** @throws TypeError for what JSON cannot carry */
  print(type: ts.Type): string {
    return this.#nameOf(type) ?? this.printOut(type);
  }

  /** The type itself, even if it has a name. */
  printOut(type: ts.Type): string {
    return this.#write(type, (part) => this.print(part), true);
  }

  /** The comment that stands before a declaration, as a block of its own. */
  comment(symbol: ts.Symbol): string {
    const text = ts.displayPartsToString(symbol.getDocumentationComment(this.#checker)).trim();
    return text === "" ? "" : `/** ${text.replaceAll("*/", "*\\/").replaceAll("\n", "\n * ")} */\n`;
  }

  #nameOf(type: ts.Type): string | null {
    if (!isWorthAName(type)) return null;
    return this.#names.get(type) ?? this.#namesByKey.get(this.#keyOf(type)) ?? null;
  }

  /** Two types of one structure have one key. */
  #keyOf(type: ts.Type): string {
    const known = this.#keys.get(type);
    if (known !== undefined) return known;
    const key = this.#write(type, (part) => this.#keyOf(part), false);
    this.#keys.set(type, key);
    return key;
  }

  #write(type: ts.Type, write: (part: ts.Type) => string, withComments: boolean): string {
    if (type.isUnion()) return this.#writeUnion(type, write);
    if (isPlain(type)) return this.#checker.typeToString(type);
    if (this.#checker.isTupleType(type)) return `[${this.#partsOf(type).map(write).join(", ")}]`;
    if (this.#checker.isArrayType(type)) {
      const isReadonly = type.symbol.name === "ReadonlyArray";
      return `${isReadonly ? "readonly " : ""}${inBrackets(this.#partsOf(type).map(write).join())}[]`;
    }
    return this.#writeObject(type, write, withComments);
  }

  #partsOf(type: ts.Type): readonly ts.Type[] {
    return this.#checker.getTypeArguments(type as ts.TypeReference);
  }

  #writeUnion(union: ts.UnionType, write: (part: ts.Type) => string): string {
    const nothing = ts.TypeFlags.Null | ts.TypeFlags.Undefined;
    const parts = union.types.filter(({ flags }) => (flags & nothing) === 0);
    const rest = union.types.filter(({ flags }) => (flags & nothing) !== 0).map(write);
    // A named union is no longer itself beside null: look for what it was.
    const name = rest.length > 0 && parts.length > 1 ? this.#nameOfParts(parts) : null;
    const texts = name === null ? parts.map(write) : [name];
    const isBoolean = texts.includes("true") && texts.includes("false");
    const others = isBoolean ? texts.filter((text) => text !== "true" && text !== "false") : texts;
    return [...others, ...(isBoolean ? ["boolean"] : []), ...rest].join(" | ");
  }

  #nameOfParts(parts: readonly ts.Type[]): string | null {
    return this.#namesByKey.get(parts.map((part) => this.#keyOf(part)).join(" | ")) ?? null;
  }

  #writeObject(type: ts.Type, write: (part: ts.Type) => string, withComments: boolean): string {
    const isCallable = type.getCallSignatures().length + type.getConstructSignatures().length > 0;
    const isObject = (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) !== 0;
    if (!isObject || isCallable || isOfTheLanguage(type)) {
      throw new TypeError(`JSON cannot carry ${this.#checker.typeToString(type)}`);
    }
    const indexes = this.#checker
      .getIndexInfosOfType(type)
      .map((info) => `[key: ${this.#checker.typeToString(info.keyType)}]: ${write(info.type)};`);
    const properties = this.#checker.getPropertiesOfType(type).map((property) => {
      const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0;
      const value = write(this.#checker.getTypeOfSymbol(property));
      const comment = withComments ? this.comment(property) : "";
      return `${comment}${propertyName(property.name)}${isOptional ? "?" : ""}: ${value};`;
    });
    return `{\n${[...indexes, ...properties].join("\n")}\n}`;
  }
}

const plain =
  ts.TypeFlags.StringLike |
  ts.TypeFlags.NumberLike |
  ts.TypeFlags.BooleanLike |
  ts.TypeFlags.Null |
  ts.TypeFlags.Undefined |
  ts.TypeFlags.Void |
  ts.TypeFlags.Unknown |
  ts.TypeFlags.Never;

const isPlain = ({ flags }: ts.Type) => (flags & plain) !== 0;

const isWorthAName = (type: ts.Type) => !isPlain(type) || (type.isUnion() && type.types.length > 2);

/** Date, Map and their like: what a library of TypeScript declares. */
function isOfTheLanguage({ symbol }: ts.Type): boolean {
  if (((symbol?.flags ?? 0) & ts.SymbolFlags.Interface) === 0) return false;
  return symbol.declarations?.some((each) => /\/typescript\/lib\/lib\./.test(each.getSourceFile().fileName)) ?? false;
}

const inBrackets = (text: string) => (/[|\s]/.test(text) && !text.startsWith("{") ? `(${text})` : text);

const propertyName = (name: string) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));
