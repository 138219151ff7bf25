%% A comment with {vsn, "0"}
{application, ssl,
   [{description, "Erlang/OTP SSL application"},
    {vsn, "10.9"},
    {modules, [tls_connection]},
    {runtime_dependencies, ["stdlib-4.1","public_key-1.11.3"]}]}.
