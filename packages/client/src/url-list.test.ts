import { expect, test } from "vitest";
import { createUrlList } from "./url-list.ts";

test("addresses are tried in turn, and the first comes after the last", () => {
  const urls = createUrlList(["http://a", "http://b"]);

  urls.failed("http://a/trpc");
  expect(urls.current).toBe("http://b/trpc");
  urls.failed("http://b/trpc");
  expect(urls.current).toBe("http://a/trpc");
});

test("many who saw the same address fail go on one address, not many", () => {
  const urls = createUrlList(["http://a", "http://b", "http://c"]);

  for (let n = 0; n < 5; n += 1) urls.failed("http://a/trpc");

  expect(urls.current).toBe("http://b/trpc");
});

test.each(["http://a", "http://a/", "http://a/trpc", "http://a/trpc/"])("%s is the service at /trpc", (url) => {
  expect(createUrlList(url).current).toBe("http://a/trpc");
});

test("no address, or one that is none, is refused at once", () => {
  expect(() => createUrlList([])).toThrow("Give at least one URL");
  expect(() => createUrlList("localhost")).toThrow(TypeError);
});
