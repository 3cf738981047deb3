package engine

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"

	"github.com/causeway-iac/causeway/infra/settings"
)

// credentials are the settings of the clouds' providers that hold or lead to a credential. The twin needs none, so a
// rehearsal gets none.
var credentials = map[string][]string{
	"aws": {
		"accessKey", "secretKey", "token", "profile", "assumeRole", "assumeRoles", "assumeRoleWithWebIdentity",
		"sharedConfigFiles", "sharedCredentialsFiles",
	},
	"cloudflare": {"apiToken", "apiKey", "apiUserServiceKey", "email"},
}

// copySettings copies the project's and the stack's settings to the engine's directory, leaving out two things:
// credentials, and how the real stack encrypts its secrets. A rehearsal encrypts with a passphrase of its own, so
// encrypted values in the file are encrypted anew.
func copySettings(ctx context.Context, o Options, p places) error {
	projectFile := filepath.Join(o.Project.Root, "Pulumi.yaml")
	stackFile := o.Project.Settings(o.Stack)
	if _, err := settings.Read(stackFile); err != nil {
		return err // Pulumi would follow every alias
	}
	definition, err := os.ReadFile(projectFile)
	if err != nil {
		return fmt.Errorf("reading the project: %w", err)
	}
	if err := replace(filepath.Join(p.work, "Pulumi.yaml"), definition); err != nil {
		return err
	}
	loaded, err := workspace.LoadProject(projectFile)
	if err != nil {
		return fmt.Errorf("Pulumi.yaml: %w", err)
	}
	written, err := workspace.LoadProjectStack(nil, loaded, stackFile)
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(stackFile), err)
	}
	copied := filepath.Join(p.work, filepath.Base(stackFile))
	if !adapt(written, o) {
		verbatim, err := os.ReadFile(stackFile)
		if err != nil {
			return fmt.Errorf("reading the settings: %w", err)
		}
		return replace(copied, verbatim)
	}
	if written.Config.HasSecureValue() {
		if err := encryptAnew(ctx, written, o, p); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(stackFile), err)
		}
	} else {
		written.EncryptionSalt = ""
	}
	written.SecretsProvider, written.EncryptedKey = "", ""
	if err := written.Save(copied); err != nil {
		return fmt.Errorf("copying the settings: %w", err)
	}
	return nil
}

// adapt drops what a rehearsal must not have, and says whether the file has to be rewritten.
func adapt(settings *workspace.ProjectStack, o Options) bool {
	rewrite := settings.EncryptionSalt != "" || settings.SecretsProvider != "" || settings.EncryptedKey != ""
	for key, value := range settings.Config {
		names, provider := credentials[key.Namespace()]
		if provider && (value.Secure() || slices.Contains(names, key.Name())) {
			delete(settings.Config, key)
			rewrite = true
		}
	}
	if settings.Environment != nil {
		settings.Environment = nil
		rewrite = true
		o.Notice(fmt.Sprintf("Pulumi.%s.yaml: what it imports by `environment` is left out, since a rehearsal "+
			"does not reach Pulumi's service", o.Stack))
	}
	return rewrite
}

// encryptAnew decrypts the settings' encrypted values with the real stack's passphrase and encrypts them with the
// rehearsal's.
func encryptAnew(ctx context.Context, settings *workspace.ProjectStack, o Options, p places) error {
	var keys []string
	for _, key := range settings.Config.SecureKeys() {
		keys = append(keys, key.String())
	}
	slices.Sort(keys)
	if settings.EncryptionSalt == "" {
		by := cmp.Or(settings.SecretsProvider, "Pulumi's service")
		return fmt.Errorf("%s is encrypted by %s, which a rehearsal does not reach: rehearse with a stack file that holds other values",
			strings.Join(keys, ", "), by)
	}
	decrypter, err := crypter(ctx, o.Passphrase, settings.EncryptionSalt)
	if err != nil {
		return fmt.Errorf("%s is encrypted: %w", strings.Join(keys, ", "), err)
	}
	phrase, err := os.ReadFile(p.passphrase)
	if err != nil {
		return fmt.Errorf("reading the rehearsal's passphrase: %w", err)
	}
	encrypter, salt, err := newCrypter(ctx, string(phrase))
	if err != nil {
		return err
	}
	if settings.Config, err = settings.Config.Copy(decrypter, encrypter); err != nil {
		return fmt.Errorf("decrypting %s: %w", strings.Join(keys, ", "), err)
	}
	settings.EncryptionSalt = salt
	return nil
}

// crypter is the one of a stack file's encryptionsalt, "v1:SALT:CHECK", where CHECK is an encrypted "pulumi" that reveals
// a wrong passphrase.
func crypter(ctx context.Context, phrase, salt string) (config.Crypter, error) {
	if phrase == "" {
		return nil, errors.New("set PULUMI_CONFIG_PASSPHRASE (or PULUMI_CONFIG_PASSPHRASE_FILE) to the stack's passphrase")
	}
	parts := strings.SplitN(salt, ":", 3)
	if len(parts) != 3 || parts[0] != "v1" {
		return nil, errors.New("encryptionsalt is not one that Pulumi writes")
	}
	raw, err := base64.StdEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, fmt.Errorf("encryptionsalt is not one that Pulumi writes: %w", err)
	}
	c := config.NewSymmetricCrypterFromPassphrase(phrase, raw)
	if check, err := c.DecryptValue(ctx, parts[2]); err != nil || check != "pulumi" {
		return nil, errors.New("PULUMI_CONFIG_PASSPHRASE is not the stack's passphrase")
	}
	return c, nil
}

// newCrypter makes a crypter with a new salt, which it returns in the form of a stack file.
func newCrypter(ctx context.Context, phrase string) (config.Crypter, string, error) {
	raw := make([]byte, 8)
	rand.Read(raw)
	c := config.NewSymmetricCrypterFromPassphrase(phrase, raw)
	check, err := c.EncryptValue(ctx, "pulumi")
	if err != nil {
		return nil, "", fmt.Errorf("encrypting settings: %w", err)
	}
	return c, "v1:" + base64.StdEncoding.EncodeToString(raw) + ":" + check, nil
}

// replace writes a file so that a reader sees the old or the new text, never a part.
func replace(path string, text []byte) error {
	temp := path + ".new"
	if err := os.WriteFile(temp, text, 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(path), err)
	}
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(path), err)
	}
	return nil
}
