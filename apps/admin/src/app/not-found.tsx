import type { Metadata } from "next";
import { Frame } from "#features/frame/frame.tsx";
import { PageNotFound } from "#features/problems/page-not-found.tsx";

export const metadata: Metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <Frame>
      <PageNotFound />
    </Frame>
  );
}
