# frozen_string_literal: true

Gem::Specification.new do |spec|
  version = File.foreach(File.join(__dir__, "lib/json/version.rb")) do |line|
  end
  spec.name = "json"
  spec.version = Json::VERSION
end
