using System.Net;
using System.Net.Sockets;

namespace Headway.Bench.Wire;

/// <summary>
/// Free ports below those that the kernel gives to outgoing connections: thousands of these are open here, and one of them would have taken
/// the port of a server between its choice and its start.
/// </summary>
internal static class Ports
{
    private const int First = 20_000;
    private const int Count = 12_000;

    // Servers are processes of their own that choose for themselves: each begins elsewhere.
    private static int _last = Environment.ProcessId * 100;

    public static int Free()
    {
        for (var tries = 0; tries < Count; tries++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _last) % Count);
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Somebody else's: the next.
            }
        }
        throw new InvalidOperationException($"No port from {First} to {First + Count - 1} is free.");
    }
}
