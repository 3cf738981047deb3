package facts

// The versions of the providers that the facts were read off, which are those of the SDKs in go.mod.
const (
	AWSVersion        = "6.83.2"
	CloudflareVersion = "5.49.1"
)
