// SPDX-License-Identifier: Apache-2.0

package cloudformation

import (
	"strings"

	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
)

// conversion turns the properties of a type into Terraform's arguments.
type conversion struct {
	name string
	// merge is a property whose members are the arguments.
	merge string
	// rename gives arguments whose name is more than the other spelling of the
	// property's: by the path of arguments, "volumes" or "volumes.filesystem_id".
	rename map[string]string
	// camel are arguments that are JSON of the service in Terraform: their keys
	// begin with a small letter.
	camel string
	// fix does what is no renaming.
	fix func(body *document.Node)
}

// raw are properties whose members have names of the user's, or are policies.
var raw = map[string]bool{
	"PolicyDocument": true, "AssumeRolePolicyDocument": true, "KeyPolicy": true, "RepositoryPolicyText": true, "PolicyText": true,
	"Options": true, "DockerLabels": true, "DriverOpts": true, "Labels": true, "Variables": true, "Tags": true, "LifecyclePolicyText": true, "ResourcePolicy": true,
	"FileSystemPolicy": true,
}

func (c *conversion) convert(n *document.Node, path string, depth int) *document.Node {
	if n == nil || n.Kind != document.Map && n.Kind != document.List || depth > 2*maxDepth {
		return n
	}
	out := *n
	out.Keys, out.Items = nil, make([]*document.Node, 0, len(n.Items))
	for i, item := range n.Items {
		if n.Kind == document.List {
			out.Items = append(out.Items, c.convert(item, path, depth+1))
			continue
		}
		key := *n.Keys[i]
		name := cloud.Snake(key.Text)
		full := name
		if path != "" {
			full = path + "." + name
		}
		v := item
		switch {
		case c.camel != "" && full == c.camel:
			v = camel(item, depth+1)
		case raw[key.Text]:
		default:
			v = c.convert(item, full, depth+1)
		}
		if other := c.rename[full]; other != "" {
			name = other
		}
		key.Text, key.Tag = name, key.Text
		out.Keys, out.Items = append(out.Keys, &key), append(out.Items, v)
	}
	return &out
}

// camel is the spelling of the services' JSON: "LinuxParameters" is
// "linuxParameters".
func camel(n *document.Node, depth int) *document.Node {
	if n == nil || n.Kind != document.Map && n.Kind != document.List || depth > 2*maxDepth {
		return n
	}
	out := *n
	out.Keys, out.Items = nil, make([]*document.Node, 0, len(n.Items))
	for i, item := range n.Items {
		v := item
		if n.Kind == document.List || !raw[n.Keys[i].Text] {
			v = camel(item, depth+1)
		}
		if n.Kind == document.Map {
			key := *n.Keys[i]
			if key.Text != "" {
				key.Text, key.Tag = strings.ToLower(key.Text[:1])+key.Text[1:], key.Text
			}
			out.Keys = append(out.Keys, &key)
		}
		out.Items = append(out.Items, v)
	}
	return &out
}

// set gives a map a member; written is the name that the template has for it.
func set(m *document.Node, key, written string, v *document.Node) {
	k := *v
	k.Kind, k.Text, k.Tag, k.Keys, k.Items = document.String, key, written, nil, nil
	m.Keys, m.Items = append(m.Keys, &k), append(m.Items, v)
}

// pairs makes members of a list of {Key, Value} or {Name, Value}, by the names
// that are wanted.
func pairs(body *document.Node, list, key string, want map[string]string) {
	for _, p := range body.Get(list).List() {
		if to := want[p.Get(key).Str()]; to != "" && p.Get("value") != nil && body.Get(to) == nil {
			set(body, to, p.Get(key).Str(), p.Get("value"))
		}
	}
}

// types are those that rules look at.
var types = map[string]conversion{
	"AWS::ECS::TaskDefinition": {
		name: "aws_ecs_task_definition", camel: "container_definitions",
		rename: map[string]string{"volumes": "volume", "volumes.efs_volume_configuration.filesystem_id": "file_system_id"},
	},
	"AWS::ECS::Service":                       {name: "aws_ecs_service", rename: map[string]string{"service_name": "name"}},
	"AWS::ECS::TaskSet":                       {name: "aws_ecs_task_set"},
	"AWS::ECS::Cluster":                       {name: "aws_ecs_cluster", rename: map[string]string{"cluster_settings": "setting", "cluster_name": "name"}},
	"AWS::ECR::Repository":                    {name: "aws_ecr_repository", rename: map[string]string{"repository_name": "name", "repository_policy_text": "policy"}},
	"AWS::ECR::PublicRepository":              {name: "aws_ecrpublic_repository"},
	"AWS::ECR::RegistryPolicy":                {name: "aws_ecr_registry_policy", rename: map[string]string{"policy_text": "policy"}},
	"AWS::ECR::RegistryScanningConfiguration": {name: "aws_ecr_registry_scanning_configuration", rename: map[string]string{"rules": "rule"}},
	"AWS::EKS::Cluster": {
		name: "aws_eks_cluster", rename: map[string]string{"resources_vpc_config": "vpc_config"},
		fix: func(b *document.Node) {
			types := b.Get("logging", "cluster_logging", "enabled_types")
			if types == nil {
				return
			}
			list := at(types, document.Node{Kind: types.Kind, Text: types.Text})
			for _, t := range types.Items {
				if v := t.Get("type"); v != nil {
					list.Items = append(list.Items, v)
				} else {
					list.Items = append(list.Items, t)
				}
			}
			set(b, "enabled_cluster_log_types", "EnabledTypes", list)
		},
	},
	"AWS::EKS::Nodegroup":                   {name: "aws_eks_node_group", rename: map[string]string{"remote_access.source_security_groups": "source_security_group_ids"}},
	"AWS::EC2::LaunchTemplate":              {name: "aws_launch_template", merge: "LaunchTemplateData"},
	"AWS::EC2::Instance":                    {name: "aws_instance"},
	"AWS::AutoScaling::LaunchConfiguration": {name: "aws_launch_configuration"},
	"AWS::EC2::SecurityGroup": {
		name:   "aws_security_group",
		rename: map[string]string{"security_group_ingress": "ingress", "security_group_egress": "egress", "security_group_ingress.ip_protocol": "protocol", "security_group_egress.ip_protocol": "protocol"},
	},
	"AWS::EC2::SecurityGroupIngress": {name: "aws_vpc_security_group_ingress_rule", rename: map[string]string{"group_id": "security_group_id"}},
	"AWS::EC2::SecurityGroupEgress":  {name: "aws_vpc_security_group_egress_rule", rename: map[string]string{"group_id": "security_group_id"}},
	"AWS::IAM::Role": {
		name:   "aws_iam_role",
		rename: map[string]string{"assume_role_policy_document": "assume_role_policy", "policies": "inline_policy", "policies.policy_name": "name", "policies.policy_document": "policy", "role_name": "name"},
	},
	"AWS::IAM::Policy":        {name: "aws_iam_role_policy", rename: map[string]string{"policy_document": "policy", "policy_name": "name"}},
	"AWS::IAM::RolePolicy":    {name: "aws_iam_role_policy", rename: map[string]string{"policy_document": "policy", "policy_name": "name", "role_name": "role"}},
	"AWS::IAM::ManagedPolicy": {name: "aws_iam_policy", rename: map[string]string{"policy_document": "policy", "managed_policy_name": "name"}},
	"AWS::IAM::User":          {name: "aws_iam_user", rename: map[string]string{"policies": "inline_policy", "policies.policy_document": "policy", "policies.policy_name": "name"}},
	"AWS::IAM::Group":         {name: "aws_iam_group", rename: map[string]string{"policies": "inline_policy", "policies.policy_document": "policy", "policies.policy_name": "name"}},
	"AWS::ElasticLoadBalancingV2::LoadBalancer": {
		name: "aws_lb", rename: map[string]string{"type": "load_balancer_type"},
		fix: func(b *document.Node) {
			pairs(b, "load_balancer_attributes", "key", map[string]string{
				"routing.http.drop_invalid_header_fields.enabled": "drop_invalid_header_fields", "deletion_protection.enabled": "enable_deletion_protection",
				"access_logs.s3.enabled": "access_logs_enabled", "routing.http.desync_mitigation_mode": "desync_mitigation_mode",
			})
			if s := b.Get("scheme"); s != nil && s.Kind == document.String {
				v := "false"
				if s.Text == "internal" {
					v = "true"
				}
				set(b, "internal", "Scheme", at(s, document.Node{Kind: document.Bool, Text: v}))
			}
		},
	},
	"AWS::ElasticLoadBalancingV2::Listener": {
		name: "aws_lb_listener", rename: map[string]string{"default_actions": "default_action", "default_actions.redirect_config": "redirect"},
	},
	"AWS::ElasticLoadBalancingV2::TargetGroup": {name: "aws_lb_target_group"},
	"AWS::Logs::LogGroup":                      {name: "aws_cloudwatch_log_group", rename: map[string]string{"log_group_name": "name"}},
	"AWS::SecretsManager::Secret":              {name: "aws_secretsmanager_secret"},
	"AWS::SecretsManager::RotationSchedule":    {name: "aws_secretsmanager_secret_rotation"},
	"AWS::SSM::Parameter":                      {name: "aws_ssm_parameter"},
	"AWS::KMS::Key":                            {name: "aws_kms_key", rename: map[string]string{"key_policy": "policy"}},
	"AWS::EFS::FileSystem":                     {name: "aws_efs_file_system"},
	"AWS::Lambda::Function":                    {name: "aws_lambda_function", rename: map[string]string{"code.image_uri": "image_uri"}, fix: lambdaCode},
	"AWS::Serverless::Function":                {name: "aws_lambda_function"},
	"AWS::Lambda::Url":                         {name: "aws_lambda_function_url", rename: map[string]string{"auth_type": "authorization_type"}},
	"AWS::Batch::JobDefinition":                {name: "aws_batch_job_definition", camel: "container_properties"},
	"AWS::GuardDuty::Detector":                 {name: "aws_guardduty_detector"},
	"AWS::CloudTrail::Trail":                   {name: "aws_cloudtrail", rename: map[string]string{"is_logging": "enable_logging", "enable_log_file_validation": "enable_log_file_validation"}},
	"AWS::SecurityHub::Hub":                    {name: "aws_securityhub_account"},
}

// lambdaCode lifts the image out of the code.
func lambdaCode(b *document.Node) {
	if v := b.Get("code", "image_uri"); v != nil {
		set(b, "image_uri", "ImageUri", v)
	}
}
