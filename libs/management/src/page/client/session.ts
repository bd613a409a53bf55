/**
 * The token: taken out of the address at once, and kept for this tab alone.
 */
const KEPT = 'nest-cluster-token';

export class Session {
  private current: string | undefined;

  constructor() {
    const address = new URL(location.href);
    const given = address.searchParams.get('token');
    if (given !== null) {
      address.searchParams.delete('token');
      history.replaceState(null, '', address);
    }
    this.current = given ?? read();
    if (given !== null) this.keep(given);
  }

  get token(): string | undefined {
    return this.current;
  }

  keep(token: string): void {
    this.current = token;
    try {
      sessionStorage.setItem(KEPT, token);
    } catch {
      // Without storage it lasts until the page is left.
    }
  }
}

function read(): string | undefined {
  try {
    return sessionStorage.getItem(KEPT) ?? undefined;
  } catch {
    return undefined;
  }
}
