# -*- encoding: utf-8 -*-
# stub: native 0.9.0 x86_64-linux lib

Gem::Specification.new do |s|
  s.name = "native".freeze
  s.version = "0.9.0"
  s.platform = "x86_64-linux".freeze
  s.license = 'BSD-2-Clause'
end
