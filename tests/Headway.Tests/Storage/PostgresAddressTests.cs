using Headway.Storage;
using Headway.Storage.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Headway.Tests.Storage;

/// <summary>What an address says, and that no error says its password.</summary>
public sealed class PostgresAddressTests
{
    [Theory]
    [InlineData("postgres://u:p@h/d", "u", "p", "h", 5432, "d")]
    [InlineData("postgresql://u@h:6000/d", "u", null, "h", 6000, "d")]
    [InlineData("postgres://h", null, null, "h", 5432, null)]
    [InlineData("postgres://u:a%40b%2Fc%3Ad%25%C3%A4@h/d", "u", "a@b/c:d%ä", "h", 5432, "d")]
    [InlineData("postgres://u:a:b@h/d", "u", "a:b", "h", 5432, "d")]
    [InlineData("postgres://u:a@b@h/d", "u", "a@b", "h", 5432, "d")]
    [InlineData("postgres://o%27neil:p;x=\"1'@h/d%20b", "o'neil", "p;x=\"1'", "h", 5432, "d b")]
    [InlineData("postgres://u:p@[::1]:6000/d", "u", "p", "::1", 6000, "d")]
    [InlineData("postgres://u:p@[fe80::1]/d", "u", "p", "fe80::1", 5432, "d")]
    [InlineData("postgres:///d?host=/run/postgresql", null, null, "/run/postgresql", 5432, "d")]
    public void Each_part_is_read_as_libpq_reads_it(string address, string? user, string? password, string host, int port, string? database)
    {
        var read = new NpgsqlConnectionStringBuilder(PostgresAddress.Parse(address).ConnectionString);

        (read.Username, read.Password, read.Host, read.Port, read.Database).ShouldBe((user, password, host, port, database));
    }

    [Theory]
    [InlineData("disable", SslMode.Disable)]
    [InlineData("prefer", SslMode.Prefer)]
    [InlineData("require", SslMode.Require)]
    [InlineData("verify-ca", SslMode.VerifyCA)]
    [InlineData("verify-full", SslMode.VerifyFull)]
    public void So_are_the_modes_of_encryption(string written, SslMode mode) =>
        new NpgsqlConnectionStringBuilder(PostgresAddress.Parse($"postgres://u@h/d?sslmode={written}&connect_timeout=3").ConnectionString).SslMode.ShouldBe(mode);

    [Theory]
    [InlineData("postgres://u:secret@/d", "no host")]
    [InlineData("postgres://", "no host")]
    [InlineData("postgres://u:secret@h:0/d", "port")]
    [InlineData("postgres://u:secret@h:x/d", "port")]
    [InlineData("postgres://u:secret@h/d?colour=secret", "'colour'")]
    [InlineData("postgres://u:secret@h/d?sslmode=secret", "'sslmode'")]
    [InlineData("postgres://u:sec/secret@h/d", "%2F")]
    [InlineData("postgres://u:12?secret@h/d", "%3F")]
    [InlineData("postgres://u:12#secret@h/d", "%23")]
    [InlineData("Host=h;Password=secret;Database=x:1", "sqlite:FILE")]
    [InlineData("mysql://u:secret@h/d", "'mysql:…'")]
    public void An_error_says_what_is_wrong_and_never_the_password(string address, string says)
    {
        var error = Should.Throw<StorageException>(() => Database.Open(address, TimeProvider.System, NullLogger.Instance));

        error.Code.ShouldBe("storage-unavailable");
        error.ToString().ShouldContain(says);
        error.ToString().ShouldNotContain("secret");
    }

    [Fact]
    public void Whatever_somebody_forgot_to_escape_no_error_tells_the_password() => Property.Check(random =>
    {
        const string Marks = "/?#@:%&=[];' ";
        var password = string.Concat(Enumerable.Range(0, 3).Select(_ => "SECRET" + Marks[random.Next(Marks.Length)]));
        try
        {
            PostgresAddress.Parse($"postgres://user:{password}@127.0.0.1:5432/data?sslmode=require");
        }
        catch (StorageException error)
        {
            error.ToString().ShouldNotContain("SECRET");
        }
    }, cases: 500);
}
