// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISettlement, Order} from "../interfaces/ISettlement.sol";
import {Settlement} from "../Settlement.sol";
import {SettlementTest} from "./helpers/SettlementTest.t.sol";

/// @notice A wallet that answers signature checks with chosen bytes, and may burn gas or try to write first.
contract OddWallet {
    enum Mood {
        Answer,
        Burn,
        Write,
        Revert
    }

    Mood public mood;
    bytes public answer;
    uint256 public written;

    error Refused();

    function set(Mood mood_, bytes calldata answer_) external {
        (mood, answer) = (mood_, answer_);
    }

    function burn() private pure returns (bytes32 last) {
        for (uint256 i = 0; i < type(uint256).max; ++i) last = keccak256(abi.encode(last, i));
    }

    function isValidSignature(bytes32, bytes calldata) external {
        if (mood == Mood.Burn) burn();
        if (mood == Mood.Write) written = 1;
        if (mood == Mood.Revert) revert Refused();
        bytes memory result = answer;
        assembly ("memory-safe") {
            return(add(result, 32), mload(result))
        }
    }
}

/// @notice A08 to A12 and I17: whose word counts.
contract SignatureTest is SettlementTest {
    uint256 private constant ORDER_N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    bytes32 private constant MAGIC = bytes32(bytes4(0x1626ba7e));

    function test_settle_takesAKeyIn65Bytes() public {
        Order memory order = anOrder(1e18, 9e17);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(OWNER_KEY, digestOf(order));
        settle(signed(order, abi.encodePacked(uint8(4), r, s, v)));
    }

    /// @dev A10.
    function test_settle_refusesTheTwinsOfASignature() public {
        Order memory order = anOrder(1e18, 9e17);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(OWNER_KEY, digestOf(order));
        bytes32 highS = bytes32(ORDER_N - uint256(s));
        uint8 otherV = v == 27 ? 28 : 27;
        refuses(order, abi.encodePacked(uint8(4), r, highS, otherV));
        refuses(order, abi.encodePacked(uint8(4), r, s, otherV));
        refuses(order, abi.encodePacked(uint8(4), r, s, v - 27));
        refuses(order, abi.encodePacked(uint8(4), r, s, v + 8));
        uint256 parity = uint256(otherV - 27) << 255;
        refuses(order, abi.encodePacked(uint8(0), r, (uint256(highS) & (type(uint256).max >> 1)) | parity));
    }

    /// @dev A11.
    function testFuzz_settle_refusesTheZeroOwner(bytes32 r, bytes32 vs) public {
        Order memory order = anOrder(1e18, 9e17);
        order.owner = address(0);
        refuses(order, abi.encodePacked(uint8(0), r, vs));
        refuses(order, abi.encodePacked(uint8(4), r, vs, uint8(27)));
    }

    function testFuzz_settle_refusesAnotherKey(uint256 key) public {
        key = bound(key, 1, ORDER_N - 1);
        vm.assume(key != OWNER_KEY);
        Order memory order = anOrder(1e18, 9e17);
        refuses(order, abi.encodePacked(uint8(0), compact(key, digestOf(order))));
    }

    /// @dev A08, A09.
    function test_settle_refusesTheSignatureForAnotherChainOrDeployment() public {
        Order memory order = anOrder(1e18, 9e17);
        bytes memory data = oneHop(order, v3(order.amount));
        bytes memory permit2 = callOf(order, byPermit2(order, hex"01"), hex"00", "", list(v3(1e18)));
        Settlement other = new Settlement();
        approve(address(sell), address(other));
        (bool isDone, ) = address(other).call(data);
        assertFalse(isDone);
        (isDone, ) = address(other).call(permit2);
        assertFalse(isDone);
        vm.chainId(5);
        settleFailsAs(data, ISettlement.BadSignature.selector);
        (isDone, ) = trySettle(permit2);
        assertFalse(isDone);
        assertEq(sell.balanceOf(owner), 1e30);
    }

    function test_domainSeparator_followsTheChain() public {
        bytes32 here = settlement.DOMAIN_SEPARATOR();
        vm.chainId(5);
        assertNotEq(settlement.DOMAIN_SEPARATOR(), here);
        vm.chainId(31337);
        assertEq(settlement.DOMAIN_SEPARATOR(), here);
    }

    function test_settle_takesTheKeyOfAnAccountThatHasCode() public {
        // As after EIP-7702: the key still signs, and the code is not asked.
        vm.etch(owner, type(OddWallet).runtimeCode);
        Order memory order = anOrder(1e18, 9e17);
        settle(oneHop(order, v3(order.amount)));
    }

    function test_settle_takesTheWordOfAContract() public {
        Order memory order = walletOrder(OddWallet.Mood.Answer, abi.encode(MAGIC));
        settle(byContract(order));
    }

    /// @dev A12 and I17.
    function test_settle_refusesAnyOtherAnswerOfAContract() public {
        refusesWallet(OddWallet.Mood.Answer, abi.encode(bytes32(uint256(MAGIC) | 1)));
        refusesWallet(OddWallet.Mood.Answer, abi.encodePacked(bytes31(MAGIC)));
        refusesWallet(OddWallet.Mood.Answer, abi.encode(MAGIC, MAGIC));
        refusesWallet(OddWallet.Mood.Answer, abi.encode(true));
        refusesWallet(OddWallet.Mood.Answer, "");
        refusesWallet(OddWallet.Mood.Answer, new bytes(1 << 16));
        refusesWallet(OddWallet.Mood.Revert, abi.encode(MAGIC));
        refusesWallet(OddWallet.Mood.Write, abi.encode(MAGIC));
    }

    function test_settle_refusesAContractWithoutCode() public {
        Order memory order = anOrder(1e18, 9e17);
        bytes memory data = callOf(order, hex"010001aa00", hex"00", "", list(v3(1e18)));
        settleFailsAs(data, ISettlement.BadSignature.selector);
    }

    /// @dev A24: what a wallet can burn is bounded.
    function test_settle_boundsTheGasOfAContractsCheck() public {
        bytes memory data = byContract(walletOrder(OddWallet.Mood.Burn, abi.encode(MAGIC)));
        uint256 gasBefore = gasleft();
        settleFailsAs(data, ISettlement.BadSignature.selector);
        assertLt(gasBefore - gasleft(), 1_200_000);
    }

    function signed(Order memory order, bytes memory signature) private pure returns (bytes memory) {
        return callOf(order, abi.encodePacked(signature, uint8(0)), hex"00", "", list(v3(order.amount)));
    }

    function refuses(Order memory order, bytes memory signature) private {
        settleFails(
            signed(order, signature),
            abi.encodeWithSelector(ISettlement.BadSignature.selector, digestOf(order), order.owner)
        );
    }

    function walletOrder(OddWallet.Mood mood, bytes memory answer) private returns (Order memory order) {
        OddWallet wallet = new OddWallet();
        wallet.set(mood, answer);
        order = anOrder(1e18, 9e17);
        order.owner = address(wallet);
        sell.mint(order.owner, 1e18);
        vm.prank(order.owner);
        sell.approve(address(settlement), 1e18);
    }

    function byContract(Order memory order) private pure returns (bytes memory) {
        return signed(order, abi.encodePacked(uint8(1), uint16(3), hex"abcdef"));
    }

    function refusesWallet(OddWallet.Mood mood, bytes memory answer) private {
        Order memory order = walletOrder(mood, answer);
        settleFailsAs(byContract(order), ISettlement.BadSignature.selector);
        assertEq(OddWallet(payable(order.owner)).written(), 0);
        assertEq(sell.balanceOf(order.owner), 1e18);
    }
}
