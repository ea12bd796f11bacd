using Headway.Features;
using Headway.Storage;

namespace Headway.Access;

/// <summary>The room as the engine shows it: who may come in, who did, and who was turned away.</summary>
internal sealed class AccessDesk
{
    private readonly Func<FeatureFile> _file;
    private volatile bool _wasClosed;

    /// <param name="node">What the node is called.</param>
    public AccessDesk(Database database, KeyRing ring, KeyMac mac, Func<FeatureFile> file, Func<string> node)
    {
        (_file, Ring) = (file, ring);
        Keys = new KeyDesk(database, ring, mac, () => Issuer is not null);
        Consumers = new ConsumerLog(database);
        Denials = new DenialLog(database, node);
    }

    public KeyRing Ring { get; }
    public KeyDesk Keys { get; }
    public ConsumerLog Consumers { get; }
    public DenialLog Denials { get; }

    /// <summary>Whose tokens are taken; null: nobody's.</summary>
    public IssuerOptions? Issuer => _file().Server.Auth;

    /// <summary>Whether whoever calls must say who it is: once there was a key, or an issuer, and then for as long as this node lives. A file without the issuer opens no door.</summary>
    public bool IsClosed => _wasClosed || (_wasClosed = !Ring.IsEmpty || Issuer is not null);
}
