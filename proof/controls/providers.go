package controls

import (
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
)

func provider(v *view, r *graph.Resource) outcome {
	// Whoever is called in place of the cloud is told all that is declared, and answers what it likes.
	for _, path := range []string{"endpoints", "httpProxy", "httpsProxy", "customCaBundle", "ec2MetadataServiceEndpoint",
		"pluginDownloadURL",
		"apiHostname", "apiBasePath", "baseUrl"} {
		if _, known := asked(r, path); known != absent {
			return broken("%s is set, so that it calls somebody else than the cloud", path).write("leave out " + path)
		}
	}
	if r.Type == "pulumi:providers:cloudflare" {
		for _, path := range []string{"apiToken", "apiKey"} {
			if value, _ := asked(r, path); value != nil {
				if _, secret := value.(graph.Secret); !secret {
					return broken("%s is in plain text in the state", path)
				}
			}
		}
		return holds()
	}
	for _, path := range []string{"accessKey", "secretKey", "token"} {
		if _, known := asked(r, path); known != absent {
			return broken("%s is set", path)
		}
	}
	if o := isNot("insecure", true)(nil, r); o.verdict != report.Holds {
		return o
	}
	if _, known := asked(r, "region"); known == absent {
		return broken("region is not set")
	}
	value, known := asked(r, "allowedAccountIds")
	if known == absent || text(value) == "[]" {
		return broken("allowedAccountIds is not set, so it deploys into whichever account it finds")
	}
	return v.atHome(r)
}

// atHome demands that what a provider has made is in its region and its account: otherwise the next deployment makes all of it anew
// elsewhere, and leaves what there is to nobody.
func (v *view) atHome(provider *graph.Resource) outcome {
	region, accounts := provider.String("region"), provider.Strings("allowedAccountIds")
	for _, r := range v.g.Resources {
		parts := strings.SplitN(r.String("arn"), ":", 6)
		if r.Provider != provider.URN || r.Planned || r.External || len(parts) < 6 {
			continue
		}
		own, _ := asked(r, "region")
		switch {
		case parts[3] != "" && region != "" && parts[3] != region && parts[3] != own:
			return broken("its region is %s, and %s is in %s", region, r.Name, parts[3]).because(r.URN).
				write("leave the region as it was deployed: " + parts[3])
		case parts[4] != "" && parts[4] != "aws" && len(accounts) > 0 && !slices.Contains(accounts, parts[4]):
			return broken("it is held to the account %s, and %s is in %s", strings.Join(accounts, ", "), r.Name, parts[4]).because(r.URN).
				write("leave the account as it was deployed: " + parts[4])
		}
	}
	return holds()
}
