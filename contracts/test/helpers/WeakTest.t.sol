// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Order} from "../../interfaces/ISettlement.sol";
import {SettlementTest} from "./SettlementTest.t.sol";
import {Fill, Omit, WeakSettlement} from "./WeakSettlement.t.sol";

/// @notice Words to attack a {WeakSettlement} with: every attack is sent as the solver.
abstract contract WeakTest is SettlementTest {
    uint256 internal constant ORDER_N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    uint128 internal constant BID = 97e16;

    address internal attacker = makeAddr("attacker");

    function deploy(Omit omit) internal returns (WeakSettlement weak) {
        weak = new WeakSettlement(omit);
        approve(address(sell), address(weak));
    }

    /// @dev The whole order over one pool, signed by the owner's key.
    function aFill(WeakSettlement weak, Order memory order) internal view returns (Fill memory asked) {
        asked.order = order;
        asked.signature = keyed(OWNER_KEY, weak.digest(order));
        asked.amountIn = order.amount;
        asked.path = new IERC20[](2);
        (asked.path[0], asked.path[1]) = (order.sellToken, order.buyToken);
    }

    function overOne(Fill memory asked, address between) internal pure returns (Fill memory) {
        asked.path = new IERC20[](3);
        (asked.path[0], asked.path[1]) = (asked.order.sellToken, IERC20(between));
        asked.path[2] = asked.order.buyToken;
        return asked;
    }

    /// @dev An order in the auction's phase, with the certificate of `winner`, who bid more than the limit.
    function anAuctionedFill(WeakSettlement weak, address winner) internal returns (Fill memory asked) {
        Order memory order = anOrder(1e18, 9e17);
        (order.flags, order.auctioneer, order.decayStart) = (3, auctioneer, order.validTo);
        asked = aFill(weak, order);
        (asked.cert.minOut, asked.cert.lastBlock) = (BID, uint40(block.number));
        bytes32 digest = weak.digest(order);
        vm.prank(winner);
        asked.certSignature = keyed(AUCTIONEER_KEY, weak.certDigest(asked.cert, digest, order.amount));
    }

    function passes(WeakSettlement weak, Fill memory asked) internal {
        vm.prank(solver);
        weak.fill(asked);
    }

    /// @dev The attack pays on the weak one and fails on the other.
    function check(WeakSettlement weak, Fill memory asked, bool isWeak) internal {
        vm.prank(solver);
        try weak.fill(asked) {
            assertTrue(isWeak, "the attack pays where the defence stands");
        } catch {
            assertFalse(isWeak, "the attack fails where the defence lacks");
        }
    }

    function ownerSold() internal view returns (uint256) {
        return 1e30 - sell.balanceOf(owner);
    }

    function keyed(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encode(r, s, v);
    }
}
