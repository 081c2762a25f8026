# What a program in Ruby expects of its library and of what is around it; a line for each.
require "bigdecimal"
require "bundler"
require "etc"
require "fiddle"
require "json"
require "net/http"
require "openssl"
require "rexml/document"
require "socket"
require "yaml"
require "zlib"

def https
  site = File.read("/app/site.pem")
  context = OpenSSL::SSL::SSLContext.new
  context.cert = OpenSSL::X509::Certificate.new(site)
  context.key = OpenSSL::PKey.read(site)
  plain = TCPServer.new("127.0.0.1", 0)
  server = OpenSSL::SSL::SSLServer.new(plain, context)
  Thread.new do
    connection = server.accept
    connection.gets("\r\n\r\n")
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\ngröße")
    connection.close
  end
  Net::HTTP.get(URI("https://localhost:#{plain.addr[1]}/")).force_encoding("UTF-8")
end

puts "encoding #{Encoding.default_external} #{"é".encode("ISO-8859-1").bytes} #{"日".encode("Shift_JIS").bytesize}"
puts "unicode #{"e\u0301".unicode_normalize} #{"ÄÖ".downcase} #{"é".match?(/\p{Ll}/)}"
puts "json #{JSON.generate(JSON.parse('{"a":[1,null]}'))} yaml #{YAML.load("a: 1")}"
puts "xml #{REXML::Document.new("<a b='c'/>").root.attributes["b"]}"
puts "numbers #{BigDecimal("0.1") + BigDecimal("0.2") == BigDecimal("0.3")} #{2**100}"
puts "fiddle #{Fiddle::Function.new(Fiddle.dlopen("libc.so.6")["abs"], [Fiddle::TYPE_INT], Fiddle::TYPE_INT).call(-3)}"
puts "zlib #{Zlib.inflate(Zlib.deflate("x"))}"
ENV["TZ"] = "Asia/Kathmandu"
puts "zone #{Time.at(1_700_000_000).hour}"
puts "https #{https}"
puts "shell #{begin; `true; false`; "there"; rescue Errno::ENOENT; "none"; end}"
puts "user #{Process.uid} #{Etc.getpwuid.name} #{Dir.home}"
