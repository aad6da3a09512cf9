import { cva, type VariantProps } from "class-variance-authority";
import { LoaderCircle } from "lucide-react";
import { Slot } from "radix-ui";
import type { ComponentProps } from "react";
import { classNames } from "#components/class-names.ts";

const button = cva(
  "inline-flex shrink-0 items-center justify-center gap-2 rounded-lg font-medium whitespace-nowrap transition-colors disabled:cursor-not-allowed disabled:opacity-60 [&_svg]:size-4 [&_svg]:shrink-0",
  {
    variants: {
      look: {
        primary: "bg-accent text-on-accent hover:bg-accent-strong",
        secondary: "border border-line-strong bg-surface text-ink hover:bg-hover",
        quiet: "text-muted hover:bg-hover hover:text-ink",
        danger: "border border-danger bg-surface text-danger hover:bg-danger-soft",
      },
      size: { medium: "h-9 px-3", large: "h-10 px-4", icon: "size-9" },
    },
    defaultVariants: { look: "secondary", size: "medium" },
  },
);

interface ButtonProps extends ComponentProps<"button">, VariantProps<typeof button> {
  /** Renders its one child (a link) as the button. */
  asChild?: boolean;
  /** At work: shows it, and takes no second press. */
  isBusy?: boolean;
}

export function Button({ look, size, asChild, isBusy = false, className, children, ...props }: ButtonProps) {
  const classes = classNames(button({ look, size }), className);
  if (asChild) {
    return (
      <Slot.Root className={classes} {...props}>
        {children}
      </Slot.Root>
    );
  }
  return (
    <button
      type="button"
      {...props}
      className={classes}
      aria-busy={isBusy || undefined}
      aria-disabled={isBusy || undefined}
      onClick={isBusy ? (event) => event.preventDefault() : props.onClick}
    >
      {isBusy && <LoaderCircle aria-hidden="true" className="animate-spin" />}
      {children}
    </button>
  );
}
