{application,plug,
             [{modules,['Elixir.Plug','Elixir.Plug.Vsn']},
              {applications,[kernel,stdlib,elixir,mime]},
              {description,"Says {vsn,\"9\"} and more"},
              {env,[{vsn,"8"}]},
              {registered,[]},
              {vsn,"1.15.2"},
              {licenses,["Apache-2.0"]}]}.
