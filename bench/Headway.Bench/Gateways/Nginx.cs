using System.Globalization;
using Headway.Bench.Wire;

namespace Headway.Bench.Gateways;

/// <summary>nginx as a plain proxy: the peer. It comes from the machine's packages (`apt-get install nginx-light`); without it its columns stay empty.</summary>
internal static class Nginx
{
    private static readonly string[] Places = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"];

    public static async Task<Child?> StartAsync(string folder, Uri upstream)
    {
        if (Places.FirstOrDefault(File.Exists) is not { } program) return null;
        Directory.CreateDirectory(folder);
        var port = Ports.Free();
        var file = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(file, string.Create(CultureInfo.InvariantCulture, $$"""
            daemon off;
            worker_processes {{Environment.ProcessorCount}};
            pid {{folder}}/nginx.pid;
            error_log {{folder}}/error.log;
            events { worker_connections 8192; }
            http {
              access_log off;
              client_body_temp_path {{folder}}/body;
              proxy_temp_path {{folder}}/proxy;
              fastcgi_temp_path {{folder}}/fastcgi;
              uwsgi_temp_path {{folder}}/uwsgi;
              scgi_temp_path {{folder}}/scgi;
              client_body_buffer_size 64k;
              keepalive_requests 100000000;
              upstream model { server {{upstream.Authority}}; keepalive 2048; keepalive_requests 100000000; }
              server {
                listen 127.0.0.1:{{port}};
                location / { proxy_pass http://model; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; }
              }
            }
            """));
        return await Child.OfProgramAsync(program, port, new Dictionary<string, string>(), "-c", file, "-p", folder);
    }
}
