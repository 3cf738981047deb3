package world

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeECSCluster           = "aws:ecs/cluster:Cluster"
	typeECSCapacityProviders = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
	typeTaskDefinition       = "aws:ecs/taskDefinition:TaskDefinition"
	typeService              = "aws:ecs/service:Service"
)

const (
	ecsARN    = "arn:{partition}:ecs:{region}:{account}:"
	badTask   = "ClientException"
	badInput  = "InvalidParameterException"
	noCluster = "ClusterNotFoundException"
)

var ecsKinds = map[string]*kind{
	typeECSCluster: {
		id:  byTemplate(ecsARN + "cluster/{name}"),
		arn: "{id}",
		put: true,
		fill: func(_ *Call, o, _ *Object) {
			setDefault(o, "settings", []any{value.Map{"name": "containerInsights", "value": "disabled"}})
		},
		remove: []rule{unused("ClusterContainsServicesException", "The Cluster %s cannot be deleted while Services are active.",
			use{typeService, "cluster"})},
		removed: func(c *Call, o *Object) { c.dropUsers(o, use{typeECSCapacityProviders, "clusterName"}) },
	},
	typeECSCapacityProviders: {
		id:  byOutput("clusterName"),
		put: true,
		check: []rule{
			refers("clusterName", noCluster, "Cluster not found: %s", typeECSCluster),
			capacityProviders,
		},
	},
	typeTaskDefinition: {
		id: byOutput("family"),
		key: func(outputs value.Map, id string) string {
			return cmp.Or(textIn(outputs, "arn"), id)
		},
		put: true,
		check: []rule{
			taskContainers,
			taskOnFargate,
			trusted("executionRoleArn", "ecs-tasks.amazonaws.com", badTask, "Role is not valid"),
			trusted("taskRoleArn", "ecs-tasks.amazonaws.com", badTask, "Role is not valid"),
		},
		prepare: []func(*Call, *Object){taskRevision},
	},
	typeService: {
		id: func(c *Call, o *Object) string {
			return c.expand(ecsARN+"service/", o) + clusterName(o) + "/" + o.Text("name")
		},
		taken: badInput,
		check: []rule{
			refers("cluster", noCluster, "Cluster not found: %s", typeECSCluster),
			serviceTask,
			serviceNetwork,
			refers("networkConfiguration.subnets", badInput, "The subnet ID '%s' does not exist", typeSubnet),
			groupsExist("networkConfiguration.securityGroups", badInput),
			refers("loadBalancers.targetGroupArn", badInput, "Unable to find target group %s", typeTargetGroup),
			serviceTargets,
			serviceContainer,
		},
		fill: func(_ *Call, o, _ *Object) {
			setDefaults(o, value.Map{"launchType": "EC2", "cluster": "default", "iamRole": ""})
			if o.Text("launchType") == "FARGATE" {
				setDefault(o, "platformVersion", "LATEST")
			}
		},
	},
}

func clusterName(o *Object) string {
	name := cmp.Or(o.Text("cluster"), "default")
	return name[strings.LastIndexByte(name, '/')+1:]
}

// taskRevision numbers the revisions of a family.
func taskRevision(c *Call, o *Object) {
	if o.Text("arn") != "" {
		return
	}
	n := 1
	for other := range c.having(typeTaskDefinition, "family", o.Text("family")) {
		n = max(n, int(other.Number("revision"))+1)
	}
	plain := c.expand(ecsARN+"task-definition/{family}", o)
	o.Outputs["revision"], o.Outputs["arn"] = float64(n), fmt.Sprintf("%s:%d", plain, n)
	o.Outputs["arnWithoutRevision"] = plain
}

// capacityProviders: a cluster's capacity providers are AWS's two or existing ones (ECS API,
// PutClusterCapacityProviders).
func capacityProviders(_ *Call, o *Object) error {
	for _, name := range o.Texts("capacityProviders") {
		if name != "FARGATE" && name != "FARGATE_SPOT" {
			return fault(badInput, "The specified capacity provider '%s' was not found.", name)
		}
	}
	for _, name := range at(o.Outputs, "defaultCapacityProviderStrategies.capacityProvider") {
		if !slices.Contains(o.Texts("capacityProviders"), name) {
			return fault(badInput,
				"The specified capacity provider strategy cannot contain a capacity provider that is not associated with "+
					"the cluster: %s", name)
		}
	}
	return nil
}

// container is the part of a container definition that ECS checks.
type container struct {
	Name, Image  string
	Essential    *bool
	Memory       float64
	Reserved     float64 `json:"memoryReservation"`
	PortMappings []struct{ ContainerPort float64 }
}

func containers(o *Object) ([]container, error) {
	var all []container
	err := json.Unmarshal([]byte(o.Text("containerDefinitions")), &all)
	return all, err
}

// taskContainers: a task has containers, each with its own name and an image, and one of them is essential (ECS API,
// ContainerDefinition).
func taskContainers(_ *Call, o *Object) error {
	all, err := containers(o)
	if err != nil {
		return message("ContainerDefinitions", "ECS Task Definition container_definitions is invalid: %v", err)
	}
	if len(all) == 0 {
		return fault(badTask, "Container list cannot be empty.")
	}
	names, essential := map[string]bool{}, false
	for _, c := range all {
		switch {
		case c.Name == "":
			return fault(badTask, "Container.name should not be null or empty.")
		case c.Image == "":
			return fault(badTask, "Container.image should not be null or empty.")
		case names[c.Name]:
			return fault(badTask, "Container names must be unique: %s stands twice", c.Name)
		}
		names[c.Name], essential = true, essential || c.Essential == nil || *c.Essential
		if o.Text("memory") == "" && c.Memory == 0 && c.Reserved == 0 {
			return fault(badTask, "Invalid setting for container '%s'. At least one of 'memory' or 'memoryReservation' must be specified.",
				c.Name)
		}
	}
	if !essential {
		return fault(badTask, "At least one container in the task definition must be marked as essential")
	}
	return nil
}

// fargateMemory is the minimum, maximum and step of MiB by CPU units (ECS guide, "Task size").
var fargateMemory = map[int][3]int{256: {512, 2048, 512}, 512: {1024, 4096, 1024}, 1024: {2048, 8192, 1024}, 2048: {4096, 16384, 1024},
	4096: {8192, 30720, 1024}, 8192: {16384, 61440, 4096}, 16384: {32768, 122880, 8192}}

func onFargate(o *Object) bool { return slices.Contains(o.Texts("requiresCompatibilities"), "FARGATE") }

// taskOnFargate: a task on Fargate uses awsvpc networking and one of the allowed sizes (ECS guide, "Task definition
// parameters for Fargate").
func taskOnFargate(_ *Call, o *Object) error {
	if !onFargate(o) {
		return nil
	}
	if o.Text("networkMode") != "awsvpc" {
		return fault(badTask, "Fargate only supports network mode ‘awsvpc’.")
	}
	cpu, errCPU := strconv.Atoi(o.Text("cpu"))
	memory, errMemory := strconv.Atoi(o.Text("memory"))
	if errCPU != nil || errMemory != nil {
		return fault(badTask, "Fargate requires that 'cpu' and 'memory' be defined at the task level, in units and MiB.")
	}
	bounds := fargateMemory[cpu]
	if fits := memory >= bounds[0] && memory <= bounds[1] && bounds[2] > 0 && (memory-bounds[0])%bounds[2] == 0; !fits {
		return fault(badTask, "No Fargate configuration exists for given values: %d CPU, %d memory.", cpu, memory)
	}
	return nil
}

func (c *Call) taskOf(o *Object) *Object {
	task := c.where(typeTaskDefinition, "arn", o.Text("taskDefinition"))
	if task == nil {
		task = c.where(typeTaskDefinition, "family", strings.SplitN(o.Text("taskDefinition"), ":", 2)[0])
	}
	return task
}

// serviceTask: a service runs a task definition that exists (ECS API, CreateService).
func serviceTask(c *Call, o *Object) error {
	if o.Outputs["deploymentController"] == nil && c.taskOf(o) == nil {
		return fault(badTask, "Unable to describe task definition: TaskDefinition not found: %s", o.Text("taskDefinition"))
	}
	return nil
}

// serviceNetwork: tasks with their own network are placed in subnets, others are not (ECS API, CreateService).
func serviceNetwork(c *Call, o *Object) error {
	task := c.taskOf(o)
	if task == nil {
		return nil
	}
	own, given := task.Text("networkMode") == "awsvpc", len(o.Objects("networkConfiguration")) > 0
	switch {
	case own && !given:
		return fault(badInput, "Network Configuration must be provided when networkMode 'awsvpc' is specified.")
	case !own && given:
		return fault(badInput, "Network Configuration is not valid for the given networkMode of this task definition.")
	case o.Text("launchType") == "FARGATE" && !onFargate(task):
		return fault(badInput, "Task definition does not support launch_type FARGATE.")
	}
	return nil
}

// serviceTargets: a service's target group is behind a load balancer, and takes IP targets where tasks have their own
// addresses (ECS guide, "Use load balancing to distribute Amazon ECS service traffic").
func serviceTargets(c *Call, o *Object) error {
	task := c.taskOf(o)
	for _, arn := range at(o.Outputs, "loadBalancers.targetGroupArn") {
		group := c.find(typeTargetGroup, arn)
		if !slices.ContainsFunc(targetUses, func(u use) bool { return c.user(group, u) != nil }) {
			return fault(badInput, "The target group with targetGroupArn %s does not have an associated load balancer: let this depend on "+
				"the listener", arn)
		}
		if task != nil && task.Text("networkMode") == "awsvpc" && group.Text("targetType") != "ip" {
			return fault(badInput, "The provided target group %s has target type %s, which is incompatible with the awsvpc network mode "+
				"specified in the task definition.", arn, group.Text("targetType"))
		}
	}
	return nil
}

// serviceContainer: the load-balanced container is in the task and has the port (ECS API, LoadBalancer).
func serviceContainer(c *Call, o *Object) error {
	task := c.taskOf(o)
	if task == nil {
		return nil
	}
	all, err := containers(task)
	if err != nil {
		return nil
	}
	for _, balancer := range o.Objects("loadBalancers") {
		name, _ := balancer["containerName"].(string)
		port, _ := balancer["containerPort"].(float64)
		i := slices.IndexFunc(all, func(c container) bool { return c.Name == name })
		if i < 0 {
			return fault(badInput, "The container %s does not exist in the task definition.", name)
		}
		if !slices.ContainsFunc(all[i].PortMappings, func(m struct{ ContainerPort float64 }) bool { return m.ContainerPort == port }) {
			return fault(badInput, "The container %s did not have a container port %v defined.", name, port)
		}
	}
	return nil
}
