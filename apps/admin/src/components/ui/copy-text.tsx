"use client";

import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "./button.tsx";

const thanksMs = 2_000;

interface CopyTextProps {
  text: string;
  /** What the button is called. */
  label: string;
}

/** Text for other programs: an id, a command. One press copies it. */
export function CopyText({ text, label }: CopyTextProps) {
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), thanksMs);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setIsCopied(true);
  };
  const Icon = isCopied ? Check : Copy;
  return (
    <span className="inline-flex min-w-0 items-center gap-1 rounded-lg border bg-canvas pl-2 text-ink">
      <code className="min-w-0 py-1 font-mono text-xs break-all">{text}</code>
      <Button look="quiet" size="icon" aria-label={label} onClick={() => void copy().catch(() => undefined)}>
        <Icon aria-hidden="true" />
      </Button>
      <span role="status" className="sr-only">
        {isCopied ? "Copied" : ""}
      </span>
    </span>
  );
}
