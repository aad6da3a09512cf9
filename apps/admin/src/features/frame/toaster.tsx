"use client";

import { useTheme } from "next-themes";
import { Toaster as Sonner } from "sonner";

/** Short news of what was done; nothing that must be read stands here alone. */
export function Toaster() {
  const { resolvedTheme } = useTheme();
  return (
    <Sonner
      theme={resolvedTheme === "dark" ? "dark" : "light"}
      position="bottom-right"
      closeButton
      className="font-sans!"
      toastOptions={{
        unstyled: true,
        classNames: {
          toast: "flex w-full items-start text-sm gap-3 rounded-lg border bg-raised p-4 text-ink shadow-lg",
          title: "font-medium",
          description: "text-muted",
          closeButton:
            "order-last -my-0.5 ml-auto grid size-6 shrink-0 place-items-center rounded-md text-muted hover:bg-hover hover:text-ink",
          icon: "mt-0.5 shrink-0",
        },
      }}
    />
  );
}
