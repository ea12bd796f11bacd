using System.Text;
using Headway.AspNetCore.Features;

namespace Headway.AspNetCore.Tests.Features;

public sealed class JsonBodyTests
{
    [Theory]
    [InlineData("{\"age\": 3,\n \"sex\": }", "Line 2, byte 9:")]
    [InlineData("{\"a\":1}}", "Line 1, byte 8:")]
    [InlineData("<html>", "Line 1, byte 1:")]
    [InlineData("{\"a\":", "Line 1, byte 6:")]
    [InlineData("{\"a\":NaN}", "Line 1, byte 6:")]
    public void Malformed_json_is_refused_with_its_place(string text, string place)
    {
        ReadOnlyMemory<byte> body = Encoding.UTF8.GetBytes(text);

        var problem = JsonBody.Check(ref body);

        problem.ShouldNotBeNull().Kind.Code.ShouldBe("json-malformed");
        problem.Detail.ShouldStartWith(place);
        problem.Detail.ShouldNotContain("LineNumber");
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused_with_their_place()
    {
        ReadOnlyMemory<byte> body = (byte[])[.. "{\n\"name\":\"M"u8, 0xFC, .. "ller\"}"u8];

        var problem = JsonBody.Check(ref body);

        problem.ShouldNotBeNull().Kind.Code.ShouldBe("json-malformed");
        problem.Detail.ShouldContain("line 2, byte 10");
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n\t")]
    [InlineData("\uFEFF")]
    public void Nothing_is_refused_as_empty(string text)
    {
        ReadOnlyMemory<byte> body = Encoding.UTF8.GetBytes(text);

        JsonBody.Check(ref body).ShouldNotBeNull().Kind.Code.ShouldBe("body-empty");
    }

    [Fact]
    public void Nesting_ends_at_64_levels()
    {
        ReadOnlyMemory<byte> deepest = Encoding.UTF8.GetBytes(new string('[', 64) + new string(']', 64));
        ReadOnlyMemory<byte> deeper = Encoding.UTF8.GetBytes(new string('[', 65) + new string(']', 65));

        JsonBody.Check(ref deepest).ShouldBeNull();
        JsonBody.Check(ref deeper).ShouldNotBeNull().Kind.Code.ShouldBe("json-malformed");
    }

    [Fact]
    public void A_byte_order_mark_is_cut_off()
    {
        ReadOnlyMemory<byte> body = Encoding.UTF8.GetBytes("\uFEFF{}");

        JsonBody.Check(ref body).ShouldBeNull();
        body.ToArray().ShouldBe("{}"u8.ToArray());
    }
}
