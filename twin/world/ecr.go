package world

import "regexp"

const (
	typeRepository       = "aws:ecr/repository:Repository"
	typeRepositoryExpiry = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
	typeRepositoryPolicy = "aws:ecr/repositoryPolicy:RepositoryPolicy"
)

const noRepository = "The repository with name '%s' does not exist in the registry"

var repositoryPolicyText = dialect{code: "InvalidParameterException", principal: true, actions: "ecr"}

var repositoryKinds = map[string]*kind{
	typeRepository: {
		id:    byOutput("name"),
		arn:   "arn:{partition}:ecr:{region}:{account}:repository/{name}",
		text:  map[string]string{"registryId": "{account}", "repositoryUrl": "{account}.dkr.ecr.{region}.amazonaws.com/{name}"},
		taken: "RepositoryAlreadyExistsException",
		check: []rule{
			repositoryName,
			keyUsable("encryptionConfigurations.kmsKey", "KmsException"),
		},
		removed: func(c *Call, o *Object) {
			c.dropUsers(o, use{typeRepositoryExpiry, "repository"}, use{typeRepositoryPolicy, "repository"})
		},
	},
	typeRepositoryExpiry: {
		id:   byOutput("repository"),
		put:  true,
		text: map[string]string{"registryId": "{account}"},
		check: []rule{
			refers("repository", "RepositoryNotFoundException", noRepository, typeRepository),
			jsonText("policy", "InvalidParameterException",
				"Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: it is not JSON"),
		},
	},
	typeRepositoryPolicy: {
		id:   byOutput("repository"),
		put:  true,
		text: map[string]string{"registryId": "{account}"},
		check: []rule{
			refers("repository", "RepositoryNotFoundException", noRepository, typeRepository),
			policyText("policy", repositoryPolicyText),
			principalsExist("policy", repositoryPolicyText.code),
		},
	},
}

var repositoryPattern = regexp.MustCompile(`^[a-z0-9]+([._-][a-z0-9]+|__[a-z0-9]+|-+[a-z0-9]+)*` +
	`(/[a-z0-9]+([._-][a-z0-9]+|__[a-z0-9]+|-+[a-z0-9]+)*)*$`)

// repositoryName: a name has 2 to 256 lowercase letters, digits and inner separators (ECR API, CreateRepository).
func repositoryName(_ *Call, o *Object) error {
	if name := o.Text("name"); len(name) < 2 || len(name) > 256 || !repositoryPattern.MatchString(name) {
		return fault("InvalidParameterException", "Invalid parameter at 'repositoryName' failed to satisfy constraint: '%s' is not small "+
			"letters, digits and single . _ - or / between them", name)
	}
	return nil
}
