package world

import (
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

// userGiven: a database that is not made from another has a master user (RDS API, CreateDBInstance).
func userGiven(user string) rule {
	return func(_ *Call, o *Object) error {
		if !restored(o) && o.Text(user) == "" {
			return fault("InvalidParameterValue", "The parameter MasterUsername must be provided and must not be blank: set %s", user)
		}
		return nil
	}
}

// userFree: engines reserve some user names (RDS user guide, "Master user account privileges").
func userFree(user string) rule {
	return func(_ *Call, o *Object) error {
		name := strings.ToLower(o.Text(user))
		if strings.HasPrefix(name, "rds") || name == "admin" && strings.Contains(o.Text("engine"), "postgres") {
			return fault("InvalidParameterValue", "MasterUsername %s cannot be used as it is a reserved word used by the engine", name)
		}
		return nil
	}
}

// passwordGiven: a master password is either given or managed by RDS (RDS API, CreateDBInstance).
func passwordGiven(password string) rule {
	return func(_ *Call, o *Object) error {
		if !restored(o) && !o.Flag("manageMasterUserPassword") && o.Text(password) == "" {
			return fault("InvalidParameterValue",
				"The parameter MasterUserPassword must be provided and must not be blank: set manageMasterUserPassword, or %s", password)
		}
		return nil
	}
}

// passwordKept: a password that RDS no longer manages is given by the program (RDS API, ModifyDBInstance).
func passwordKept(password string) func(c *Call, o, old *Object) error {
	return func(c *Call, o, old *Object) error {
		if !old.Flag("manageMasterUserPassword") {
			return nil
		}
		return passwordGiven(password)(c, o)
	}
}

// passwordOnce: a master password that RDS manages is not given as well (RDS API, CreateDBInstance).
func passwordOnce(password string) rule {
	return func(_ *Call, o *Object) error {
		if o.Flag("manageMasterUserPassword") && o.Text(password) != "" {
			return fault("InvalidParameterCombination",
				"You can't specify MasterUserPassword when you manage the master user password with Secrets Manager: leave %s out",
				password)
		}
		return nil
	}
}

// passwordShape: a password has at least eight characters, and none of / @ " and space (RDS API, CreateDBInstance).
// The refusal never shows it.
func passwordShape(password string) rule {
	return func(_ *Call, o *Object) error {
		if text := o.Text(password); text != "" && (len(text) < 8 || strings.ContainsAny(text, `/@" `)) {
			return fault("InvalidParameterValue",
				"The parameter MasterUserPassword is not a valid password: it must have 8 characters at least, and none of / @ \" and "+
					"space")
		}
		return nil
	}
}

func (c *Call) masterSecret(o *Object, kind string) {
	if !o.Flag("manageMasterUserPassword") {
		o.Outputs["masterUserSecrets"] = []any{}
		return
	}
	if len(o.Objects("masterUserSecrets")) > 0 {
		return
	}
	key := o.Text("masterUserSecretKmsKeyId")
	if key == "" {
		key = c.expand("arn:{partition}:kms:{region}:{account}:key/", o) + c.uuidFor("aws/secretsmanager "+o.Region)
		o.Outputs["masterUserSecretKmsKeyId"] = key
	}
	o.Outputs["masterUserSecrets"] = []any{value.Map{"kmsKeyId": key, "secretStatus": "active",
		"secretArn": c.expand("arn:{partition}:secretsmanager:{region}:{account}:secret:rds!"+kind+"-", o) + c.uuid("secret") + "-" +
			c.hex(6, "suffix")}}
}
