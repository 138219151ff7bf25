# -*- encoding: utf-8 -*-
# stub: widget 1.2.3 ruby lib

Gem::Specification.new do |s|
  s.name = "widget".freeze
  s.version = "1.2.3"

  s.required_rubygems_version = Gem::Requirement.new(">= 0".freeze) if s.respond_to? :required_rubygems_version=
  s.require_paths = ["lib".freeze]
  s.description = "Says s.version = \"9\" and more".freeze
  s.licenses = ["MIT".freeze, "Apache-2.0".freeze]
  s.add_runtime_dependency(%q<rack>.freeze, [">= 2.0"])
end
