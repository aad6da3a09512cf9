"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { classNames } from "#components/class-names.ts";
import { Mark } from "#components/mark.tsx";
import { useMe } from "#features/session/use-me.ts";
import { type PageEntry, pagesFor } from "#navigation.ts";

/** The way to every page that one's role includes. */
export function Navigation({ onNavigate }: { onNavigate?: () => void }) {
  const pathname = usePathname();
  const role = useMe()?.staff.role ?? "viewer";
  return (
    <div className="flex h-full flex-col">
      <div className="flex h-14 items-center gap-2.5 px-4">
        <Mark />
        <span className="text-base font-semibold tracking-tight">Echo</span>
      </div>
      <nav aria-label="Pages" className="px-2 py-2">
        <ul className="grid gap-0.5">
          {pagesFor(role).map((page) => (
            <li key={page.path}>
              <PageLink page={page} isCurrent={isWithin(pathname, page.path)} onNavigate={onNavigate} />
            </li>
          ))}
        </ul>
      </nav>
    </div>
  );
}

interface PageLinkProps {
  page: PageEntry;
  isCurrent: boolean;
  onNavigate: (() => void) | undefined;
}

function PageLink({ page: { path, title, icon: Icon }, isCurrent, onNavigate }: PageLinkProps) {
  return (
    <Link
      href={path}
      onClick={() => onNavigate?.()}
      aria-current={isCurrent ? "page" : undefined}
      className={classNames(
        "flex h-9 items-center gap-2.5 rounded-lg px-2.5 font-medium text-muted transition-colors hover:bg-hover hover:text-ink",
        isCurrent && "bg-accent-soft text-accent hover:bg-accent-soft hover:text-accent",
      )}
    >
      <Icon aria-hidden="true" className="size-4 shrink-0" />
      {title}
    </Link>
  );
}

/** `/users/1` lies within `/users`; nothing but `/` lies within `/`. */
const isWithin = (pathname: string, path: string): boolean =>
  pathname === path || (path !== "/" && pathname.startsWith(`${path}/`));
