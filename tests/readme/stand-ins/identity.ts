// Stands in for @azure/identity where there is no tenant; its types are held against the real package's.
import type { AccessToken, GetTokenOptions, TokenCredential } from "@azure/identity";

export class DefaultAzureCredential implements TokenCredential {
  async getToken(scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken> {
    console.log(`credential ${scopes} ${options?.enableCae}`);
    return { token: "credential-token", expiresOnTimestamp: Date.now() + 3_600_000 };
  }
}
